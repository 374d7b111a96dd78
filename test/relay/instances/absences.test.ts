import { expect, test } from "vitest";
import { Absences } from "../../../relay/instances/absences.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

test("Absences keeps what is gone for a week", () => {
  const absences = new Absences();
  absences.note(["a"], 0);
  expect(absences.leaving(["a", "there"], 0, 7 * DAY_MS - 1)).toEqual([]);
  expect(absences.leaving(["a", "there"], 0, 7 * DAY_MS)).toEqual(["a"]);
});

test("Absences gives as many as are needed, of those gone for longest", () => {
  const absences = new Absences();
  const paths = ["a", "b", "c", "there"];
  absences.note(["b"], 0);
  absences.note(["a", "b"], MINUTE_MS);
  absences.note(["a", "b", "c"], 2 * MINUTE_MS);
  expect(absences.leaving(paths, 0, 10 * MINUTE_MS)).toEqual([]);
  expect(absences.leaving(paths, 2, 10 * MINUTE_MS)).toEqual(["b", "a"]);
  expect(absences.leaving(["a", "c"], 1, 10 * MINUTE_MS)).toEqual(["a"]);
  expect(absences.leaving(paths, 9, 10 * MINUTE_MS)).toEqual(["b", "a", "c"]);
});

test("Absences gives none whose process may be restarted just now", () => {
  const absences = new Absences();
  absences.note(["a"], 0);
  expect(absences.leaving(["a"], 1, 5 * MINUTE_MS - 1)).toEqual([]);
  expect(absences.leaving(["a"], 1, 5 * MINUTE_MS)).toEqual(["a"]);
});

test("Absences counts anew for what was back", () => {
  const absences = new Absences();
  absences.note(["a"], 0);
  absences.note([], MINUTE_MS);
  absences.note(["a"], 2 * MINUTE_MS);
  expect(absences.leaving(["a"], 1, 6 * MINUTE_MS)).toEqual([]);
});
