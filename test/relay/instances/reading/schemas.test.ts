import { describe, expect, test } from "vitest";
import { METHODS } from "#shared/link/method.ts";
import { MAX_SAMPLES, Schemas } from "../../../../relay/instances/reading/schemas.ts";
import {
  latest,
  mailbox,
  ring,
  startHost,
  VERSIONS,
  type Version,
} from "../../support/host-side/host.ts";
import { until } from "../../support/until.ts";
import { watchHost } from "../../support/host-side/watched-host.ts";

const TEMPERATURE = { struct: { sensor: "string", celsius: "f32" } } as const;
const RECORDS = [
  ring("temp", { typeName: "plant::Temperature", shape: TEMPERATURE }),
  ring("quiet"),
  latest("set", { initial: { n: 1 } }),
  latest("empty"),
  mailbox("command", { taps: 0 }),
  mailbox("idle", { taps: 0 }),
  latest("secret", { remoteAccess: false }),
];

async function begin(aimx: Version) {
  const host = await startHost({ aimx, records: RECORDS });
  const watched = await watchHost(host);
  const { context, calls, row, values } = watched;
  const schemas = new Schemas(context);
  const sessionStartMs = context.clock.monotonicMs();
  const read = (record: string, includeExample = false) =>
    schemas.read({
      connection: calls,
      row: row(record),
      includeExample,
      timeoutMs: 5_000,
      sessionStartMs,
    });
  const produce = async (celsius: readonly number[]) => {
    for (const value of celsius) {
      const before = values("temp").length;
      host.produce("temp", { sensor: "s-1", celsius: value });
      await until("the sample", () => values("temp").length > before);
      context.clock.advance(10);
    }
  };
  return { host, context, clock: context.clock, schemas, read, produce };
}

describe.each(VERSIONS)("Schemas of an AimX %s host", (aimx) => {
  test("are of all samples that are kept, with unit and title [Q-7]", async () => {
    const { read, produce } = await begin(aimx);
    await produce([20, 21.5]);
    const result = await read("temp");
    const value = result.ok ? JSON.parse(JSON.stringify(result.value)) : undefined;
    expect(METHODS["record.schema"].result.parse(value)).toEqual({
      record_key: "temp",
      type_name: "plant::Temperature",
      schema: {
        $schema: "https://json-schema.org/draft/2020-12/schema",
        title: "Temperature",
        type: "object",
        properties: {
          sensor: { type: "string", examples: ["s-1"] },
          celsius: { type: "number", unit: "°C" },
        },
        required: expect.arrayContaining(["sensor", "celsius"]),
      },
      inferred_from: { samples: 2, since_at_ms: 0 },
      guessed: expect.arrayContaining(["celsius: unit °C by its name"]),
    });
  });

  test("have the newest sample for an example, where one is asked for", async () => {
    const { read, produce } = await begin(aimx);
    await produce([20]);
    expect(await read("temp", true)).toMatchObject({
      value: { example: { value: { celsius: 20 }, sequence: 1 } },
    });
    await produce([21.5]);
    expect(await read("temp", true)).toMatchObject({
      value: {
        inferred_from: { samples: 1 },
        example: { value: { celsius: 21.5 }, sequence: 2 },
      },
    });
  });

  test("are at most five seconds old [Q-1]", async () => {
    const { clock, read, produce } = await begin(aimx);
    await produce([20]);
    await read("temp");
    await produce([21.5]);
    expect(await read("temp")).toMatchObject({ value: { inferred_from: { samples: 1 } } });
    clock.advance(5_000);
    expect(await read("temp")).toMatchObject({ value: { inferred_from: { samples: 2 } } });
  });

  test("are counted: whether they were there, or inferred", async () => {
    const { context, clock, read, produce } = await begin(aimx);
    await produce([20]);
    await read("temp");
    await read("temp");
    clock.advance(5_000);
    await read("temp");
    expect(context.counts.read().caches).toContainEqual({ cache: "schema", hits: 1, misses: 2 });
  });

  test("are new after a write", async () => {
    const { schemas, read, produce } = await begin(aimx);
    await produce([20]);
    await read("temp");
    await produce([21.5]);
    schemas.forget("temp");
    expect(await read("temp")).toMatchObject({ value: { inferred_from: { samples: 2 } } });
  });

  test("are of no more samples than can be looked at in a moment", async () => {
    const { context, read } = await begin(aimx);
    for (let n = 0; n < MAX_SAMPLES + 100; n += 1) {
      const sample = { value: { n }, atMs: n, timeSource: "observed", missed: 0 } as const;
      context.store.push(context.storeKey("quiet"), sample);
    }
    expect(await read("quiet")).toMatchObject({
      value: { inferred_from: { samples: MAX_SAMPLES } },
    });
  });

  test("are of what a mailbox holds, without taking it [Q-7]", async () => {
    const { host, read } = await begin(aimx);
    host.produce("command", { n: 7 });
    expect(await read("command", true)).toMatchObject({
      value: { schema: { properties: { n: {} } }, inferred_from: { samples: 1 }, example: {} },
    });
    expect(host.database.find("command")?.buffer.occupancy()).toBe(1);
  });

  test.each(["empty", "idle", "quiet", "secret"])(
    "are open where %s shows nothing",
    async (record) => {
      const { read } = await begin(aimx);
      const result = await read(record, true);
      expect(result).toMatchObject({
        value: {
          schema: { title: record },
          inferred_from: { samples: 0, since_at_ms: null },
          guessed: ["everything: no value was there to infer from"],
        },
      });
      expect(result.ok && result.value.example).toBeUndefined();
    },
  );

  test("fail as the host does", async () => {
    const { host, read } = await begin(aimx);
    host.dropConnections();
    await until("the end", () => host.connectionCount === 0);
    expect(await read("idle")).toMatchObject({ error: { code: "instance_down" } });
  });
});
