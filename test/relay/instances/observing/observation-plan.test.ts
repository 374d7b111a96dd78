import { expect, test } from "vitest";
import type { BufferType } from "#shared/aimx/record-row.ts";
import { planObservation } from "../../../../relay/instances/observing/observation-plan.ts";
import { rowOf } from "../../support/host-side/builders.ts";

const ANY_KEY = { canSubscribe: (_key: string) => true };

function rowsOf(kinds: Record<string, BufferType>) {
  return Object.entries(kinds).map(([key, buffer_type]) => rowOf(key, { buffer_type }));
}

function plan(kinds: Record<string, BufferType>, max: number | null, dialect = ANY_KEY) {
  const { standing, onDemand } = planObservation(rowsOf(kinds), max, dialect);
  const keys = (rows: typeof standing) => rows.map(({ record_key }) => record_key);
  return { standing: keys(standing), onDemand: keys(onDemand) };
}

test("planObservation watches rings first, then single-latest records, in the host's order", () => {
  const kinds = {
    a: "single_latest",
    r1: "spmc_ring",
    b: "single_latest",
    r2: "spmc_ring",
  } as const;
  expect(plan(kinds, 8)).toEqual({ standing: ["r1", "r2", "a", "b"], onDemand: [] });
});

test("planObservation keeps one of the host's subscriptions free", () => {
  const kinds = { r: "spmc_ring", a: "single_latest", b: "single_latest" } as const;
  expect(plan(kinds, 3)).toEqual({ standing: ["r", "a"], onDemand: ["b"] });
});

test.each([0, 1])("planObservation watches nothing all the time with a cap of %d", (max) => {
  expect(plan({ r: "spmc_ring" }, max)).toEqual({ standing: [], onDemand: ["r"] });
});

test("planObservation takes 8 for the cap of a host that does not tell it", () => {
  const kinds = Object.fromEntries(
    Array.from({ length: 9 }, (_, i) => [`r${i}`, "spmc_ring"] as const),
  );
  expect(plan(kinds, null).standing).toHaveLength(7);
});

test("planObservation never touches mailboxes and records without a buffer", () => {
  expect(plan({ m: "mailbox", n: "none", a: "single_latest" }, 8)).toEqual({
    standing: ["a"],
    onDemand: [],
  });
});

test("planObservation leaves out what the dialect can't subscribe", () => {
  const dialect = { canSubscribe: (key: string) => !key.includes("#") };
  expect(plan({ "sensor.#": "spmc_ring", r: "spmc_ring" }, 1, dialect)).toEqual({
    standing: [],
    onDemand: ["r"],
  });
});
