import { describe, expect, test } from "vitest";
import { METHODS } from "#shared/link/method.ts";
import type { Config } from "../../../../relay/config.ts";
import { diagnosticsOf, resetCounters } from "../../../../relay/instances/reading/diagnostics.ts";
import {
  latest,
  ring,
  startHost,
  VERSIONS,
  type HostOptions,
  type Version,
} from "../../support/host-side/host.ts";
import { until } from "../../support/until.ts";
import { contextOf, watchHost } from "../../support/host-side/watched-host.ts";

const RECORDS = [ring("r", { origin: { kind: "source" }, taps: 1 }), latest("a")];

async function begin(
  aimx: Version,
  { config = {}, ...more }: Partial<HostOptions> & { device?: Partial<Config> } = {},
) {
  const { device = {}, ...options } = more;
  const host = await startHost({ aimx, records: RECORDS, config, ...options });
  const context = contextOf(device);
  const watched = await watchHost(host, context);
  const { calls } = watched;
  const diagnostics = async (record?: string) => {
    const view = await context.catalog.freshView(calls);
    if (!view.ok) throw new Error("No view");
    const row = view.value.rows.find(({ record_key }) => record_key === record);
    const result = diagnosticsOf(context, { connection: calls, view: view.value, row, params: {} });
    return METHODS["diagnostics.get"].result.parse(JSON.parse(JSON.stringify(result)));
  };
  const reset = (what: "buffer_metrics" | "stage_profiling") => resetCounters(context, calls, what);
  /** As a list has them. */
  const rows = async () => {
    const view = await context.catalog.view(calls);
    return view.ok ? view.value.rows : [];
  };
  return { ...watched, host, diagnostics, reset, rows };
}

describe("diagnosticsOf", () => {
  test.each(["1.0", "3.0"] as const)("has what an AimX %s host counts", async (aimx) => {
    const { host, diagnostics, values } = await begin(aimx);
    for (const n of [1, 2]) host.produce("r", { n });
    await until("the samples", () => values("r").length === 2);

    expect(await diagnostics()).toMatchObject({
      has_metrics: true,
      has_profiling: true,
      records: [
        {
          record_key: "r",
          type_name: "host::r",
          buffer_type: "spmc_ring",
          buffer_capacity: 64,
          produced_count: 2,
          occupancy: [0, 64],
          stage_profiling: [{ stage_type: "source" }, { stage_type: "tap" }],
          kept_samples: 2,
        },
        { record_key: "a", produced_count: 0, kept_samples: 0, kept_bytes: 0 },
      ],
      total: 2,
      next_offset: null,
      relay: { subscriptions: 2, max_subscriptions: 8, store_limit_bytes: 1_000_000 },
    });
  });

  test("has of one record what is asked for of it", async () => {
    const { diagnostics } = await begin("3.0");
    expect(await diagnostics("a")).toMatchObject({
      records: [{ record_key: "a" }],
      total: 1,
      has_profiling: true,
    });
  });

  test("invents nothing of a host that does not count", async () => {
    const { diagnostics } = await begin("3.0", { config: { hasMetrics: false } });
    const { has_metrics, has_profiling, records } = await diagnostics();
    expect({ has_metrics, has_profiling }).toEqual({ has_metrics: false, has_profiling: false });
    expect(Object.keys(records[1] ?? {}).toSorted()).toEqual([
      "buffer_type",
      "kept_bytes",
      "kept_samples",
      "record_key",
      "type_name",
    ]);
  });

  test("is counted anew for each call [Q-20]", async () => {
    const { host, diagnostics, values } = await begin("3.0");
    for (const n of [1, 2, 3]) {
      host.produce("r", { n });
      await until("the sample", () => values("r").length === n);
      expect(await diagnostics()).toMatchObject({
        records: [{ produced_count: n }, { produced_count: 0 }],
      });
    }
  });
});

describe.each(VERSIONS)("resetCounters on an AimX %s host", (aimx) => {
  const config = { hasMetrics: true };

  test("sets back what the host counts", async () => {
    const { host, diagnostics, reset, rows, values } = await begin(aimx, { config });
    host.produce("r", { n: 1 });
    await until("the sample", () => values("r").length === 1);
    expect(await diagnostics("r")).toMatchObject({ records: [{ produced_count: 1 }] });

    expect(await reset("buffer_metrics")).toEqual({ ok: true, value: { reset: true } });
    expect(await rows()).toMatchObject([{ produced_count: 0 }, {}]);
    expect(await diagnostics("r")).toMatchObject({ records: [{ produced_count: 0 }] });
    expect(await reset("stage_profiling")).toEqual({ ok: true, value: { reset: true } });
    expect(host.requestCounts.get("profiling.reset")).toBe(1);
  });

  test("says which feature the host was built without", async () => {
    const { reset } = await begin(aimx, { config: { hasMetrics: false } });
    const feature = aimx === "1.0" ? "profiling" : "observability";
    expect(await reset("stage_profiling")).toMatchObject({
      error: { code: "unsupported", message: expect.stringContaining(`"${feature}"`) },
    });
  });

  test("says that the host's policy is read-only", async () => {
    const { reset } = await begin(aimx, { config: { ...config, policy: "read_only" } });
    expect(await reset("buffer_metrics")).toMatchObject({
      error: { code: "refused_by_host", message: expect.stringContaining("read-only") },
    });
  });

  test.each<[string, Partial<Config>]>([
    ["opens nothing", { writableRecords: [] }],
    ["opens some records", { writableRecords: [{ record: "a" }, { record: "r*" }] }],
    ["opens another instance", { writableRecords: [{ record: "*", instance: "tank" }] }],
    ["wants a confirmation", { confirmWrites: "always" }],
    ["wants a confirmation on the device", { confirmWrites: "local" }],
  ])("is refused where the device file %s [Q-21]", async (_name, device) => {
    const { host, reset } = await begin(aimx, { config, device });
    expect(await reset("buffer_metrics")).toMatchObject({ error: { code: "refused_by_device" } });
    expect(host.requestCounts.get("buffer_metrics.reset")).toBeUndefined();
  });

  test("is allowed where the device file opens the instance", async () => {
    const device = { writableRecords: [{ record: "*", instance: "boil*" }] };
    const { reset } = await begin(aimx, { config, device });
    expect(await reset("buffer_metrics")).toMatchObject({ ok: true });
  });

  test("is not repeated, and may have been done where the host hung up [Q-2]", async () => {
    const { host, reset } = await begin(aimx, { config });
    host.setFaults({ unansweredMethod: "buffer_metrics.reset" });
    const asked = reset("buffer_metrics");
    await until("the request", () => host.requestCounts.get("buffer_metrics.reset") === 1);
    host.dropConnections();
    expect(await asked).toMatchObject({
      error: { code: "instance_down", message: expect.stringContaining("may have been done") },
    });
    expect(host.requestCounts.get("buffer_metrics.reset")).toBe(1);
  });
});
