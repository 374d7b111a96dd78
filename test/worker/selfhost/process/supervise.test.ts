import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Program, type ProgramOptions } from "../../../../worker/selfhost/process/supervise.ts";
import { waitFor } from "../../../../worker/selfhost/process/wait-for.ts";

let folder: string;
let programs: Program[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "aimdb-supervise-"));
  programs = [];
});

afterEach(async () => {
  for (const program of programs) await program.stop();
  await rm(folder, { recursive: true, force: true });
});

function node(
  script: string,
  messages: string[] = [],
  options: Partial<ProgramOptions> = {},
): Program {
  const program = new Program({
    name: "script",
    command: process.execPath,
    args: ["-e", script],
    env: {},
    logFile: join(folder, "log"),
    stopSignal: "SIGTERM",
    onRestart: (message) => messages.push(message),
    ...options,
  });
  programs.push(program);
  return program;
}

const STAYS = "setInterval(() => {}, 1000); console.log('up');";
const log = () => readFile(join(folder, "log"), "utf8");
const timesUp = async () => (await log()).split("up").length - 1;

test("Program starts a program again that was killed, and says so", async () => {
  const messages: string[] = [];
  const program = node(STAYS, messages);
  await program.start();
  await waitFor(5_000, async () => ((await timesUp()) === 1 ? true : undefined));
  const first = program.pid ?? 0;

  process.kill(first, "SIGKILL");
  await waitFor(5_000, async () => ((await timesUp()) === 2 ? true : undefined));

  expect(program.pid).not.toBe(first);
  expect(messages).toEqual(["script ended (SIGKILL); it starts again."]);
});

test("Program leaves a program that ends with its final status, says why, and is stopped as ever", async () => {
  const messages: string[] = [];
  const final = { status: 78, advice: "It was revoked." };
  const program = node("console.log('up'); process.exit(78)", messages, { final });
  await program.start();
  await waitFor(5_000, async () => messages[0]);
  const again = node("process.exit(1)", messages, { final });
  await again.start();
  await waitFor(5_000, async () => messages[2]);

  expect(messages.slice(0, 3)).toEqual([
    "script ended (78). It was revoked.",
    "script ended (1); it starts again.",
    "script ended (1); it starts again.",
  ]);
  expect(await timesUp()).toBe(1);
  await program.stop();
});

test("Program restarts a program when asked, and no more once it is to end", async () => {
  const program = node(STAYS);
  await program.start();
  await waitFor(5_000, async () => ((await timesUp()) === 1 ? true : undefined));

  program.restart();
  await waitFor(5_000, async () => ((await timesUp()) === 2 ? true : undefined));
  const second = program.pid;
  await program.stop();
  program.restart();

  expect(await timesUp()).toBe(2);
  expect(program.pid).toBe(second);
});

test("Program ends what it started, and starts it no more", async () => {
  const program = node(STAYS);
  await program.start();
  await waitFor(5_000, async () => ((await timesUp()) === 1 ? true : undefined));
  const pid = program.pid ?? 0;

  await program.stop();

  expect(() => process.kill(pid, 0)).toThrow("ESRCH");
  expect(await timesUp()).toBe(1);
});

test("Program kills what does not end when asked", async () => {
  const program = node(`process.on("SIGTERM", () => {}); ${STAYS}`);
  await program.start();
  await waitFor(5_000, async () => ((await timesUp()) === 1 ? true : undefined));
  const pid = program.pid ?? 0;

  await program.stop();

  expect(() => process.kill(pid, 0)).toThrow("ESRCH");
});

test("Program says when there is no such program", async () => {
  const messages: string[] = [];
  const program = new Program({
    name: "nothing",
    command: join(folder, "nothing"),
    args: [],
    env: {},
    logFile: join(folder, "log"),
    stopSignal: "SIGTERM",
    onRestart: (message) => messages.push(message),
  });
  programs.push(program);

  await program.start();
  await waitFor(5_000, async () => messages[0]);

  expect(messages[0]).toContain("ENOENT");
});
