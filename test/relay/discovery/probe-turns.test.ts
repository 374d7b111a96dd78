import { expect, test } from "vitest";
import { ProbeTurns } from "../../../relay/discovery/probe-turns.ts";

const socket = (socketPath: string, file = "1") => ({ socketPath, file });
const SILENT = { reason: "It did not answer.", isForeign: false, isSilent: true };
const FOREIGN = { reason: "It is a mail server.", isForeign: true, isSilent: false };

function namesOf(sockets: Iterable<{ readonly socketPath: string }>): string[] {
  return Array.from(sockets, ({ socketPath }) => socketPath);
}

test("ProbeTurns gives each socket its turn, those that never had one first", () => {
  const turns = new ProbeTurns();
  const sockets = ["a", "b", "c"].map((name) => socket(name));
  const looks = Array.from({ length: 4 }, () => {
    const turn = turns.next(sockets, 2);
    for (const one of turn) turns.note(one, SILENT);
    return namesOf(turn);
  });
  expect(looks).toEqual([
    ["a", "b"],
    ["c", "a"],
    ["b", "c"],
    ["a", "b"],
  ]);
});

test("ProbeTurns gives no turn to the file of another program, but to the next file of its path", () => {
  const turns = new ProbeTurns();
  turns.note(socket("a"), FOREIGN);
  expect(namesOf(turns.next([socket("a"), socket("b")], 2))).toEqual(["b"]);
  expect(namesOf(turns.next([socket("a", "2"), socket("b")], 2))).toEqual(["b", "a"]);
});

test("ProbeTurns tells how the last probe of a file ended", () => {
  const turns = new ProbeTurns();
  turns.note(socket("a"), SILENT);
  turns.note(socket("a"), FOREIGN);
  expect(turns.endOf(socket("a"))).toMatchObject(FOREIGN);
  expect(turns.endOf(socket("a", "2"))).toBeUndefined();
  expect(turns.endOf(socket("b"))).toBeUndefined();
});

test("ProbeTurns forgets what was probed longest ago, once it is much", () => {
  const turns = new ProbeTurns();
  for (let i = 0; i <= 4_096; i += 1) turns.note(socket(`${i}`), SILENT);
  expect(turns.endOf(socket("0"))).toBeUndefined();
  expect(turns.endOf(socket("1"))).toMatchObject(SILENT);
});

test("ProbeTurns counts how often in a row a file was silent", () => {
  const turns = new ProbeTurns();
  const silencesOf = (file: string) => turns.endOf(socket("a", file))?.silences;
  turns.note(socket("a"), SILENT);
  turns.note(socket("a"), SILENT);
  expect(silencesOf("1")).toBe(2);
  turns.note(socket("a"), FOREIGN);
  expect(silencesOf("1")).toBe(0);
  turns.note(socket("a"), SILENT);
  turns.note(socket("a", "2"), SILENT);
  expect(silencesOf("2")).toBe(1);
});
