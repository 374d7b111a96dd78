import { expect, onTestFinished, test } from "vitest";
import { connectHost } from "../../../../relay/instances/host/connect.ts";
import { startSocket } from "../../support/host-side/scripted-socket.ts";
import { until } from "../../support/until.ts";

function open(socketPath: string) {
  const seen = { opened: 0, text: "", closes: [] as (string | undefined)[] };
  const socket = connectHost(socketPath, {
    onOpen: () => {
      seen.opened += 1;
    },
    onData: (chunk) => {
      seen.text += Buffer.from(chunk).toString();
    },
    onClose: (errorCode) => seen.closes.push(errorCode),
  });
  onTestFinished(() => socket.destroy());
  return { socket, seen };
}

test("connectHost opens, writes, hears and closes once", async () => {
  const other = await startSocket((socket, line) => socket.end(`${line}!`));
  const { socket, seen } = open(other.socketPath);
  await until("the connection", () => seen.opened === 1);

  socket.write("hello\n");
  await until("the end", () => seen.closes.length > 0);

  expect(seen).toEqual({ opened: 1, text: "hello!", closes: [undefined] });
});

test("connectHost tells why it could not open", async () => {
  const { seen } = open("/nowhere/a.sock");
  await until("the end", () => seen.closes.length > 0);
  expect(seen).toEqual({ opened: 0, text: "", closes: ["ENOENT"] });
});

test("connectHost ends a connection without a word", async () => {
  const other = await startSocket();
  const { socket, seen } = open(other.socketPath);
  await until("the connection", () => seen.opened === 1);

  socket.destroy();
  await until("the end", () => seen.closes.length > 0);

  expect(seen.closes).toEqual([undefined]);
  expect(other.received).toBe("");
});

test("connectHost keeps what connections hear apart", async () => {
  const names = ["a", "b"];
  const answers = names.map((name) => Array.from({ length: 100 }, (_, n) => `${name}${n}\n`));
  const bytes = answers.map((lines) => lines.join("").length);
  const hosts = await Promise.all(
    names.map((name) => startSocket((socket, line) => socket.write(`${name}${line}\n`))),
  );
  const opened = hosts.map(({ socketPath }) => open(socketPath));
  await until("the connections", () => opened.every(({ seen }) => seen.opened === 1));

  for (let n = 0; n < 100; n += 1) {
    for (const { socket } of opened) socket.write(`${n}\n`);
  }

  await until("all answers", () => opened.every(({ seen }, i) => seen.text.length === bytes[i]));
  expect(opened.map(({ seen }) => seen.text)).toEqual(answers.map((lines) => lines.join("")));
});
