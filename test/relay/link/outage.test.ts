import { expect, test } from "vitest";
import { Outage } from "../../../relay/link/outage.ts";

/** The failures that are logged of an outage with these. */
function logged(outage: Outage, count: number, reasonOf: (failures: number) => string): number[] {
  const failures = Array.from({ length: count }, (_, index) => index + 1);
  return failures.filter((number) => outage.isLogged(reasonOf(number), number));
}

test("a reason is logged once, though two take turns", () => {
  const byTurns = (failures: number) => (failures % 2 === 0 ? "no name" : "no answer");

  expect(logged(new Outage(), 40, byTurns)).toEqual([1, 2, 4, 8, 16, 32]);
});

test("reasons that are never the same are logged sixteen times, then as one reason is", () => {
  const each = (failures: number) => `no answer of 10.0.0.${failures}`;

  expect(logged(new Outage(), 40, each)).toEqual([
    ...Array.from({ length: 16 }, (_, index) => index + 1),
    32,
  ]);
});

test("an outage after a healthy link is another one", () => {
  const outage = new Outage();
  logged(outage, 9, (failures) => (failures === 3 ? "no name" : "no answer"));

  expect(logged(outage, 3, (failures) => (failures === 3 ? "no name" : "no answer"))).toEqual([
    1, 2, 3,
  ]);
});
