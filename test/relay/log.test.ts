import { expect, test } from "vitest";
import { createLog } from "../../relay/log.ts";

test.each(["info", "warn", "error"] as const)("createLog writes %s as one line", (level) => {
  const lines: string[] = [];
  const log = createLog(
    (line) => lines.push(line),
    () => Date.UTC(2026, 10, 20),
  );

  log[level]("link_up", { session: "a\nb", tries: 2, again: false, config: undefined });

  expect(lines).toEqual([
    `{"time":"2026-11-20T00:00:00.000Z","level":"${level}","event":"link_up","session":"a\\nb","tries":2,"again":false}\n`,
  ]);
});

test("createLog writes an event without fields", () => {
  const lines: string[] = [];
  createLog(
    (line) => lines.push(line),
    () => 0,
  ).info("relay_start");
  expect(lines).toEqual([
    '{"time":"1970-01-01T00:00:00.000Z","level":"info","event":"relay_start"}\n',
  ]);
});

test("createLog writes what a stranger names without doing it, as the JSON that it was", () => {
  const lines: string[] = [];
  const log = createLog(
    (line) => lines.push(line),
    () => 0,
  );
  const socket = "/tmp/\u009b2J\u202ekcos.\u001b[A";

  log.warn("instance_down", { socket });

  expect(lines.join("")).toContain(String.raw`/tmp/\u009b2J\u202ekcos.\u001b[A`);
  expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([{ socket }]);
});
