/** `echo.ts SOCKET`: answers each line with itself, or with as many bytes as it asks for. */
import { createServer } from "node:net";
import { createInterface } from "node:readline";

interface Line {
  readonly id: number;
  readonly body: { readonly nonce: number; readonly answer?: number };
}

const [, , socketPath = ""] = process.argv;

function answer(line: string): string {
  const { id, body } = JSON.parse(line) as Line;
  if (body.answer === undefined) return line;
  return JSON.stringify({ id, body: { nonce: body.nonce, padding: "x".repeat(body.answer) } });
}

createServer((socket) => {
  createInterface({ input: socket }).on("line", (line) => socket.write(`${answer(line)}\n`));
  socket.on("error", () => {});
}).listen(socketPath, () => process.stdout.write("ready\n"));
process.once("SIGTERM", () => process.exit(0));
