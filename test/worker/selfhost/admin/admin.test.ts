import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { projectPath } from "../../../../worker/selfhost/project.ts";

const MAIN = projectPath("worker/selfhost/admin.ts");

test("a command ends without a word where who read its output has gone", async () => {
  const child = spawn(process.execPath, [MAIN, "--help"], { stdio: ["ignore", "pipe", "pipe"] });
  child.stdout.destroy();

  const [errors, ended] = await Promise.all([text(child.stderr), once(child, "exit")]);
  expect([errors, ended]).toEqual(["", [0, null]]);
});
