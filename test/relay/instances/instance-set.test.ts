import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import type { Names } from "../../../relay/discovery/names.ts";
import { InstanceSet, type InstanceSetOptions } from "../../../relay/instances/instance-set.ts";
import { freshFolder } from "../support/device/fresh-folder.ts";
import { latest, startHost } from "../support/host-side/host.ts";
import { sharedOptions } from "../support/host-side/running-instance.ts";
import { turns, until } from "../support/until.ts";

const RECORDS = [latest("a", { initial: { n: 1 } })];

async function begin(
  more: Partial<InstanceSetOptions> = {},
  patterns = ["*.sock"],
  served: readonly string[] = [],
) {
  const folder = await freshFolder();
  const path = (name: string) => join(folder, name);
  const allowedSockets = patterns.map((pattern) => join(folder, pattern));
  const shared = sharedOptions({ allowedSockets });
  const seen = { changes: 0, saved: [] as Names[] };
  const set = new InstanceSet({
    ...shared,
    names: new Map(served.map((name) => [path(`${name}.sock`), name])),
    saveNames: async (names) => {
      seen.saved.push(names);
    },
    onChange: () => {
      seen.changes += 1;
    },
    ...more,
  });
  onTestFinished(() => set.stop());
  const host = (name: string) =>
    startHost({ aimx: "3.0", records: RECORDS, socketPath: path(name) });
  return { set, seen, path, host, clock: shared.clock, log: shared.log };
}

function statesOf(set: InstanceSet): Record<string, string> {
  return Object.fromEntries(set.announce().instances.map(({ name, state }) => [name, state]));
}

/** What a host tells last of itself. */
function keepsHistory(set: InstanceSet): boolean {
  return set.announce().instances.every(({ capabilities }) => capabilities?.includes("history"));
}

describe("InstanceSet", () => {
  test("has each instance up or down when it has started", async () => {
    const { set, host } = await begin();
    await host("boiler.sock");
    await host("tank.sock");

    await set.start();

    expect(statesOf(set)).toEqual({ boiler: "up", tank: "up" });
    expect(set.find("tank")?.announce()).toMatchObject({ record_count: 1 });
    expect(set.find("pump")).toBeUndefined();
  });

  test("tells what it skipped, and why", async () => {
    const { set, path } = await begin();
    await writeFile(path("file.sock"), "");
    await set.start();
    expect(set.announce()).toEqual({
      instances: [],
      skipped: [{ socket_path: path("file.sock"), reason: "It is not a socket." }],
    });
  });

  test("starts with nothing where there is nothing", async () => {
    const { set } = await begin();
    await set.start();
    expect(set.announce()).toEqual({ instances: [], skipped: [] });
  });

  test("starts though a folder is missing", async () => {
    const { set } = await begin({}, ["none/*.sock", "none/a.sock"]);
    await set.start();
    expect(set.announce().skipped).toMatchObject([{ reason: "Its socket file is gone." }]);
  });
});

describe("InstanceSet that starts while a process is away", () => {
  test("has it as down if the device file names it and it was served before, and as up when it is there", async () => {
    const patterns = ["boiler.sock", "pump.sock", "t*.sock"];
    const { set, path, host, clock } = await begin({}, patterns, ["boiler", "tank"]);

    await set.start();

    expect(statesOf(set)).toEqual({ boiler: "down" });
    expect(set.announce().skipped).toMatchObject([{ socket_path: path("pump.sock") }]);
    await host("boiler.sock");
    await until("it is tried again", () => {
      clock.advance(1_000);
      return statesOf(set)["boiler"] === "up";
    });
  });

  test("does not wait for one that hangs", async () => {
    const { set, host, clock } = await begin({}, ["boiler.sock"], ["boiler"]);
    const hung = await host("boiler.sock");
    hung.setFaults({ hang: true });

    const started = set.start();
    await until("the probe", () => hung.connectionCount === 1);
    clock.advance(500);
    await started;

    expect(set.announce()).toMatchObject({ instances: [{ state: "down" }], skipped: [] });
  });
});

describe("InstanceSet finds", () => {
  test("a socket that appears, a moment after", async () => {
    const { set, seen, host, clock } = await begin();
    await set.start();
    const before = seen.changes;

    await host("boiler.sock");
    await until("the change is seen", () => clock.isDueIn(250));
    clock.advance(250);
    await until("the instance is up", () => statesOf(set)["boiler"] === "up");

    expect(seen.changes).toBeGreaterThan(before);
    expect(seen.saved).toEqual([new Map([[expect.stringContaining("boiler.sock"), "boiler"]])]);
  });

  test("a socket in a folder where something changes all the time", async () => {
    const { set, path, host, clock } = await begin();
    await set.start();
    await host("boiler.sock");
    for (let n = 0; n < 9; n += 1) {
      await writeFile(path(`${n}.sock`), "");
      await until("the change is seen", () => clock.isDueIn(250));
      clock.advance(200);
    }
    await writeFile(path("9.sock"), "");
    await until("the change is seen", () => clock.isDueIn(200));
    clock.advance(200);

    await until("the instance is up", () => statesOf(set)["boiler"] === "up");
    expect(statesOf(set)).toEqual({ boiler: "up" });
  });

  test("a host that hung, when it looks again a second later", async () => {
    const { set, host, clock } = await begin();
    const hung = await host("boiler.sock");
    hung.setFaults({ hang: true });
    const started = set.start();
    await until("the probe", () => hung.connectionCount === 1);
    clock.advance(500);
    await started;
    expect(set.announce().skipped).toMatchObject([{ reason: expect.stringContaining("in time") }]);

    hung.setFaults({});
    await until("the next look", () => clock.isDueIn(1_000));
    clock.advance(1_000);
    await until("the instance is up", () => statesOf(set)["boiler"] === "up");

    expect(set.announce().skipped).toEqual([]);
  });

  test("a host that hangs on, after ever longer, up to half a minute", async () => {
    const { set, host, clock } = await begin();
    const hung = await host("boiler.sock");
    hung.setFaults({ hang: true });
    void set.start();

    for (const [i, wait] of [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000].entries()) {
      await until("the probe", () => hung.acceptedCount === i + 1);
      clock.advance(500);
      await until("the next look", () => clock.isDueIn(wait));
      clock.advance(wait);
    }
    await until("the probe", () => hung.acceptedCount === 8);
    expect(statesOf(set)).toEqual({});
  });

  test("a socket that appears while it looks", async () => {
    const { set, host, clock } = await begin();
    const hung = await host("boiler.sock");
    hung.setFaults({ hang: true });
    const started = set.start();
    await until("the probe", () => hung.connectionCount === 1);

    const good = await host("tank.sock");
    await until("the change is seen", () => clock.isDueIn(250));
    clock.advance(500);
    await started;
    await until("the next look", () => clock.isDueIn(250));
    clock.advance(250);
    await until("the probe of both", () => hung.acceptedCount === 2 && good.acceptedCount === 1);
    await until("the answer of one", () => good.connectionCount === 0);
    clock.advance(500);

    await until("the instance is up", () => statesOf(set)["tank"] === "up");
    expect(statesOf(set)["tank"]).toBe("up");
  });

  test("a socket that appears while it looks, however soon the look is over", async () => {
    const { set, host, clock } = await begin();
    const slow = await host("boiler.sock");
    slow.setFaults({ hang: true });
    const started = set.start();
    await until("the probe", () => slow.connectionCount === 1);
    await host("tank.sock");
    await until("the change is seen", () => clock.isDueIn(250));
    slow.setFaults({});
    slow.dropConnections();
    await started;

    await until("the next look", () => clock.isDueIn(250));
    clock.advance(250);

    await until("the instance is up", () => statesOf(set)["tank"] === "up");
    expect(statesOf(set)).toEqual({ boiler: "up", tank: "up" });
  });

  test("a host again under its name", async () => {
    const { set, host, clock } = await begin();
    const first = await host("boiler.sock");
    await set.start();
    await first.close();
    await until("the end", () => statesOf(set)["boiler"] === "down");

    await host("boiler.sock");
    clock.advance(5_000);
    await until("the instance is up", () => statesOf(set)["boiler"] === "up");

    expect(statesOf(set)).toEqual({ boiler: "up" });
  });
});

describe("InstanceSet tells of a change", () => {
  test("when it skips something else than before", async () => {
    const { set, seen, path, clock } = await begin();
    await set.start();
    const before = seen.changes;

    await writeFile(path("file.sock"), "");
    await until("the change is seen", () => clock.isDueIn(250));
    clock.advance(250);
    await until("the change is told", () => seen.changes > before);

    expect(set.announce().skipped).toHaveLength(1);
  });

  test("not when it finds everything as it was", async () => {
    const { set, seen, host, path, clock } = await begin();
    await host("boiler.sock");
    await writeFile(path("file.sock"), "");
    await set.start();
    await until("it told of its persistence", () => keepsHistory(set));
    const before = seen.changes;

    for (let n = 0; n < 3; n += 1) {
      clock.advance(30_000);
      await turns();
      await until("the next look is due", () => clock.isDueIn(30_000));
    }

    expect(seen.changes).toBe(before);
    expect(seen.saved).toHaveLength(1);
  });
});

describe("InstanceSet names", () => {
  test("instances as they were named before", async () => {
    const folder = await freshFolder();
    const socketPath = join(folder, "boiler.sock");
    await startHost({ aimx: "3.0", records: RECORDS, socketPath });
    const { set, seen } = await begin({
      ...sharedOptions({ allowedSockets: [socketPath] }),
      names: new Map([[socketPath, "old-name"]]),
    });
    await set.start();
    expect(statesOf(set)).toEqual({ "old-name": "up" });
    expect(seen.saved).toEqual([]);
  });

  test("the one with the longer path with a number", async () => {
    const { set, host, path } = await begin({}, ["*.sock", "sub/*.sock"]);
    await mkdir(path("sub"));
    await host("sub/boiler.sock");
    await host("boiler.sock");
    await set.start();
    expect(set.find("boiler")?.socketPath).toBe(path("boiler.sock"));
    expect(set.find("boiler-2")?.socketPath).toBe(path("sub/boiler.sock"));
  });

  test("never one by the name of another that is known already", async () => {
    const { set, host, path, clock } = await begin({}, ["*.sock", "sub/*.sock"]);
    await mkdir(path("sub"));
    await host("sub/boiler.sock");
    await set.start();

    await host("boiler.sock");
    await until("the change is seen", () => clock.isDueIn(250));
    clock.advance(250);
    await until("the instance is up", () => statesOf(set)["boiler-2"] === "up");

    expect(set.find("boiler")?.socketPath).toBe(path("sub/boiler.sock"));
    expect(set.find("boiler-2")?.socketPath).toBe(path("boiler.sock"));
  });

  test("instances though the names can't be saved, and says so", async () => {
    const saveNames = async () => {
      throw new Error("disk full");
    };
    const { set, host, log } = await begin({ saveNames });
    await host("boiler.sock");
    await set.start();
    expect(statesOf(set)).toEqual({ boiler: "up" });
    expect(log.of("names_not_saved")).toMatchObject([{ reason: "Error: disk full" }]);
  });
});

test("InstanceSet that was stopped leaves every host and looks no more", async () => {
  const { set, host, clock } = await begin();
  const [boiler, tank] = [await host("boiler.sock"), await host("tank.sock")];
  await set.start();

  set.stop();
  await until("the hosts see the end", () => boiler.connectionCount + tank.connectionCount === 0);
  const accepted = boiler.acceptedCount;
  clock.advance(120_000);
  await turns();

  expect(boiler.acceptedCount).toBe(accepted);
  expect(clock.timerCount).toBe(0);
});
