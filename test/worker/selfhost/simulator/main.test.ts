import { spawn } from "node:child_process";
import { once } from "node:events";
import { stat } from "node:fs/promises";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { connectTo, freshSocketPath } from "./simulator-fixture.ts";

const MAIN = fileURLToPath(
  new URL("../../../../worker/selfhost/simulator/main.ts", import.meta.url),
);

function run(...argv: readonly string[]) {
  const child = spawn(process.execPath, [MAIN, ...argv], { stdio: ["ignore", "pipe", "pipe"] });
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  return child;
}

async function textOf(stream: NodeJS.ReadableStream): Promise<string> {
  const parts: string[] = [];
  for await (const part of stream) parts.push(String(part));
  return parts.join("");
}

test.each(["SIGTERM", "SIGINT"] as const)(
  "the process says when it is ready, serves, and leaves nothing behind on %s",
  async (signal) => {
    const socketPath = await freshSocketPath();
    const child = run("--socket", socketPath, "--aimx", "3.0", "--period-ms", "10");
    const [line] = (await once(createInterface(child.stdout), "line")) as [string];
    expect(line).toBe(`ready ${socketPath}`);
    const client = await connectTo(socketPath);
    expect(await client.ask('{"t":"ping"}')).toBe('{"t":"pong"}');

    child.kill(signal);

    expect(await once(child, "exit")).toEqual([0, null]);
    await expect(stat(socketPath)).rejects.toThrow("ENOENT");
  },
);

test("the process explains bad arguments and exits with 2", async () => {
  const child = run("--socket", "/tmp/x.sock", "--aimx", "9");
  const exit = once(child, "exit");

  expect(await textOf(child.stderr)).toBe(
    '--aimx must be one of 1.0, 2.0, 3.0, not "9"\n' +
      "usage: main.ts --socket PATH --aimx 1.0|2.0|3.0 [--period-ms N]\n",
  );
  expect(await exit).toEqual([2, null]);
});

test("the process explains why it cannot listen and exits with 1", async () => {
  const child = run("--socket", "/no/such/folder/x.sock", "--aimx", "1.0");
  const exit = once(child, "exit");

  expect(await textOf(child.stderr)).toContain('Cannot listen at "/no/such/folder/x.sock"');
  expect(await exit).toEqual([1, null]);
});
