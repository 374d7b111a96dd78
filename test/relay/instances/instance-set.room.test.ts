import { link } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { MAX_INSTANCES } from "#shared/link/limits.ts";
import { MAX_NAMES, type Names } from "../../../relay/discovery/names.ts";
import { InstanceSet } from "../../../relay/instances/instance-set.ts";
import { freshFolder } from "../support/device/fresh-folder.ts";
import { latest, startHost } from "../support/host-side/host.ts";
import { sharedOptions } from "../support/host-side/running-instance.ts";
import { turns, until } from "../support/until.ts";

const RECORDS = [latest("a", { initial: { n: 1 } })];
const LOOK_MS = 30_000;
const MINUTE_MS = 60_000;
const WEEK_MS = 7 * 86_400_000;

interface Options {
  readonly patterns?: readonly string[];
  readonly names?: Readonly<Record<string, string>>;
}

async function begin({ patterns = ["*.sock"], names = {} }: Options = {}) {
  const folder = await freshFolder();
  const path = (name: string) => join(folder, name);
  const shared = sharedOptions({ allowedSockets: patterns.map(path) });
  const seen = { changes: 0, saved: [] as Names[] };
  const set = new InstanceSet({
    ...shared,
    names: new Map(Object.entries(names).map(([file, name]) => [path(file), name])),
    saveNames: async (given) => {
      seen.saved.push(given);
    },
    onChange: () => {
      seen.changes += 1;
    },
  });
  onTestFinished(() => set.stop());
  const { clock, log, store } = shared;
  const host = (name: string, config = {}) =>
    startHost({ aimx: "3.0", records: RECORDS, socketPath: path(name), config });
  const isUp = (name: string) => set.find(name)?.announce().state === "up";
  const isDown = (name: string) => set.find(name)?.announce().state === "down";
  /** One process at so many paths. */
  const fill = async (count: number) => {
    const { socketPath } = await host("many.sock", { maxConnections: 10 * MAX_INSTANCES });
    for (let i = 1; i < count; i += 1) await link(socketPath, path(`f${100 + i}.sock`));
  };
  /** Lets the time pass and the look at its end, and those behind what changed in the folder. */
  const look = async (afterMs: number) => {
    clock.advance(afterMs);
    await turns();
    await until("the next look", () => {
      if (clock.isDueIn(250)) clock.advance(250);
      return clock.isDueIn(LOOK_MS);
    });
  };
  return { set, seen, path, host, fill, look, isUp, isDown, clock, log, store };
}

describe("InstanceSet drops", () => {
  test("an instance that has been gone for a week, with its name and its samples", async () => {
    const { set, seen, host, look, isUp, isDown, log, store } = await begin();
    const boiler = await host("boiler.sock");
    await set.start();
    await until("a sample", () => store.bytes > 0);
    await boiler.close();
    await until("the end", () => isDown("boiler"));
    await look(LOOK_MS);
    await look(WEEK_MS - LOOK_MS);
    expect(set.announce().instances).toHaveLength(1);
    const before = seen.changes;

    await look(LOOK_MS);

    expect(set.announce().instances).toEqual([]);
    expect(set.find("boiler")).toBeUndefined();
    expect(seen.changes).toBe(before + 1);
    expect(seen.saved.at(-1)).toEqual(new Map());
    expect(store.bytes).toBe(0);
    expect(log.of("instance_dropped")).toMatchObject([{ instance: "boiler" }]);

    await host("boiler.sock");
    await look(LOOK_MS);
    await until("the instance is up", () => isUp("boiler"));
    expect(set.announce().instances).toHaveLength(1);
  });

  test("none that the device file names, and none that only hangs", async () => {
    const { set, host, look, isDown } = await begin({ patterns: ["named.sock", "*.sock"] });
    const [named, hung] = [await host("named.sock"), await host("hung.sock")];
    await set.start();
    await named.close();
    hung.setFaults({ hang: true });
    hung.dropConnections();
    await until("the end of both", () => isDown("named") && isDown("hung"));

    await look(LOOK_MS);
    await look(2 * WEEK_MS);

    expect(set.announce().instances.map(({ name }) => name)).toEqual(["hung", "named"]);
  });

  test("the one that is gone for longest where another needs its place, and keeps its name", async () => {
    const { set, seen, path, host, fill, look, isUp, isDown, log } = await begin();
    await fill(MAX_INSTANCES - 2);
    const [first, second] = [await host("a1.sock"), await host("a2.sock")];
    await set.start();
    await second.close();
    await until("the end of one", () => isDown("a2"));
    await look(LOOK_MS);
    await first.close();
    await until("the end of the other", () => isDown("a1"));
    await look(LOOK_MS);

    await host("z.sock");
    await look(10 * MINUTE_MS);
    await until("the new one is up", () => isUp("z"));

    expect(set.find("a2")).toBeUndefined();
    expect(isDown("a1")).toBe(true);
    expect(set.announce().instances).toHaveLength(MAX_INSTANCES);
    expect(seen.saved.at(-1)?.get(path("a2.sock"))).toBe("a2");
    expect(log.of("instance_not_served")).toEqual([]);
  });
});

test("InstanceSet keeps the place of a host that is restarted, and says which it has none for", async () => {
  const { set, host, path, fill, look, isUp, isDown, log } = await begin();
  await fill(MAX_INSTANCES - 1);
  const last = await host("a.sock");
  await set.start();
  await host("z.sock");
  await last.close();
  await until("the end", () => isDown("a"));
  await look(LOOK_MS);
  await look(4 * MINUTE_MS);

  expect(set.notServedCount).toBe(1);
  expect(set.find("z")).toBeUndefined();
  const [told] = set.announce().skipped;
  expect(told).toMatchObject({ socket_path: path("z.sock") });
  expect(log.of("instance_not_served")).toMatchObject([
    { level: "warn", socket: path("z.sock"), reason: told?.reason },
  ]);

  const again = await host("a.sock");
  await look(LOOK_MS);
  await until("it is back", () => isUp("a"));
  await again.close();
  await until("the end", () => isDown("a"));
  await look(LOOK_MS);
  await look(4 * MINUTE_MS);
  expect(set.find("z")).toBeUndefined();

  await look(MINUTE_MS);
  await until("it has the place", () => isUp("z"));
  expect(set.notServedCount).toBe(0);
  expect(set.find("a")).toBeUndefined();
  expect(set.announce().skipped).toEqual([]);
});

test("InstanceSet prefers those it has served before, where there is no place for all", async () => {
  const { set, host, fill, isUp } = await begin({ names: { "z.sock": "old" } });
  await fill(MAX_INSTANCES);
  await host("z.sock");
  await set.start();
  expect(isUp("old")).toBe(true);
  expect(set.notServedCount).toBe(1);
});

test("InstanceSet remembers a bounded number of names, and none that is in use is forgotten", async () => {
  const old = Array.from({ length: MAX_NAMES }, (_, i) => [`old/${i}.sock`, `old-${i}`] as const);
  const { set, seen, path, host, look, isUp } = await begin({
    names: { ...Object.fromEntries(old), "b.sock": "b" },
  });
  await host("b.sock");
  await set.start();
  expect(seen.saved).toEqual([]);

  await look(5 * MINUTE_MS);
  expect(seen.saved.at(-1)?.size).toBe(MAX_NAMES);
  await host("new.sock");
  await look(LOOK_MS);
  await until("the new one is up", () => isUp("new"));

  const names = seen.saved.at(-1);
  expect(names?.size).toBe(MAX_NAMES);
  expect(names?.get(path("b.sock"))).toBe("b");
  expect(isUp("b")).toBe(true);
});
