import { describe, expect, onTestFinished, test } from "vitest";
import { ResourceWatcher } from "../../../relay/stdio/resource-watcher.ts";
import { latest, restart, ring, startHost } from "../support/host-side/host.ts";
import { localFleetWithHost } from "../support/local-fleet.ts";
import { turns, until } from "../support/until.ts";

const URI = "aimdb://local/boiler/record/r";

async function begin() {
  const { fleet, host, clock, log, path } = await localFleetWithHost();
  const updated: string[] = [];
  const watcher = new ResourceWatcher({
    fleet,
    clock,
    log,
    onUpdated: (uri) => updated.push(uri),
  });
  onTestFinished(() => watcher.end());
  /** Until the watch waits at the relay for the next sample. */
  const waiting = () => until("the wait", () => clock.isDueIn(25_000));
  /** A sample, and its time until it counts as one change. */
  const produce = async (n: number, count = updated.length + 1) => {
    host.produce("r", { n });
    await until("the gathering", () => clock.isDueIn(1));
    clock.advance(1);
    await until("the update", () => updated.length === count);
  };
  return { watcher, updated, clock, path, host, waiting, produce };
}

describe("ResourceWatcher", () => {
  test("tells when a record that is subscribed to changes", async () => {
    const { watcher, updated, waiting, produce } = await begin();

    expect(await watcher.subscribe(URI)).toBe(true);
    await waiting();
    await produce(1);

    expect(updated).toEqual([URI]);
  });

  test("tells by the name that the client used", async () => {
    const { watcher, updated, path, waiting, produce } = await begin();
    const uri = `aimdb://${path("boiler.sock")}/record/r`;

    await watcher.subscribe(uri);
    await waiting();
    await produce(1);

    expect(updated).toEqual([uri]);
  });

  test.each([
    "aimdb://instances",
    "aimdb://local/boiler/records",
    "aimdb://local/boiler/record/none",
    "aimdb://local/tank/record/r",
    "file:///etc/passwd",
  ])("does not watch %s", async (uri) => {
    const { watcher } = await begin();

    expect(await watcher.subscribe(uri)).toBe(false);
    expect(await watcher.listen(1, [uri])).toEqual([]);
  });

  test("tells nothing more after the unsubscribe", async () => {
    const { watcher, updated, clock, host, waiting } = await begin();
    await watcher.subscribe(URI);
    await waiting();

    watcher.unsubscribe(URI);
    host.produce("r", { n: 1 });
    await turns();
    clock.advance(1);
    await turns();

    expect(updated).toEqual([]);
  });

  test("watches a resource once for all who hold it, until the last lets go", async () => {
    const { watcher, updated, clock, host, waiting, produce } = await begin();
    expect(await watcher.listen(1, [URI])).toEqual([URI]);
    expect(await watcher.listen("two", [URI])).toEqual([URI]);
    await waiting();
    watcher.unlisten(1);
    watcher.unlisten(1);
    await produce(1);
    expect(updated).toEqual([URI]);

    watcher.unlisten("two");
    host.produce("r", { n: 2 });
    clock.advance(250);
    await turns();

    expect(updated).toEqual([URI]);
  });

  test("watches anew what was gone and is there again", async () => {
    const { watcher, updated, clock, host, waiting } = await begin();
    await watcher.subscribe(URI);
    await waiting();
    const without = await restart(host, { records: [latest("a")] });
    clock.advance(25_000);
    await until("the next look", () => clock.isDueIn(250));
    clock.advance(250);
    await until(
      "a look at what is there",
      () => (without.requestCounts.get("record.list") ?? 0) > 0,
    );
    await turns();
    const again = await restart(without, { records: [ring("r")] });
    await turns();

    expect(await watcher.subscribe(URI)).toBe(true);
    await waiting();
    again.produce("r", { n: 1 });
    await until("the gathering", () => clock.isDueIn(1));
    clock.advance(1);
    await until("the update", () => updated.length > 0);

    expect(updated).toEqual([URI]);
  });

  test("watches twenty resources at most, and says so to who subscribes", async () => {
    const { watcher, path } = await begin();
    // A host takes eight subscriptions.
    const keys = ["1", "2", "3", "4", "5", "6", "7"];
    const records = keys.map((key) => ring(key));
    for (const name of ["x", "y", "z"]) {
      await startHost({ aimx: "3.0", records, socketPath: path(`${name}.sock`) });
    }
    const uris = ["x", "y", "z"].flatMap((name) =>
      keys.map((key) => `aimdb://local/${name}/record/${key}`),
    );

    expect(await watcher.listen(1, uris)).toEqual(uris.slice(0, 20));
    await expect(watcher.subscribe("aimdb://local/z/record/7")).rejects.toThrow("20");
    watcher.unlisten(1);
    expect(await watcher.subscribe("aimdb://local/z/record/7")).toBe(true);
  });
});
