/** `echo.ts SOCKET`: answers each line with itself. */
import { createServer } from "node:net";
import { createInterface } from "node:readline";

const [, , socketPath = ""] = process.argv;
createServer((socket) => {
  createInterface({ input: socket }).on("line", (line) => socket.write(`${line}\n`));
  socket.on("error", () => {});
}).listen(socketPath, () => process.stdout.write("ready\n"));
process.once("SIGTERM", () => process.exit(0));
