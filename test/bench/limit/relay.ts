/** `relay.ts URL SOCKET`: passes each frame of the WebSocket over a Unix socket, one line, and back. */
import { createConnection } from "node:net";
import { createInterface } from "node:readline";
import { WebSocket } from "ws";

const [, , url = "", socketPath = ""] = process.argv;
const link = new WebSocket(url, { perMessageDeflate: false });
const socket = createConnection(socketPath);
let back: string[] = [];
let coalesce = false;

link.on("message", (data: Buffer) => {
  const text = data.toString("utf8");
  coalesce = text.includes("\n") || coalesce;
  socket.write(`${text}\n`);
});
createInterface({ input: socket }).on("line", (line) => {
  if (!coalesce) {
    link.send(line);
    return;
  }
  if (back.push(line) > 1) return;
  setImmediate(() => {
    link.send(back.join("\n"));
    back = [];
  });
});
link.on("open", () => process.stdout.write("ready\n"));
process.once("SIGTERM", () => process.exit(0));
