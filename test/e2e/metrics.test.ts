/** Metrics as an operator has them: a real Prometheus scrapes worker and relay, by the rules that are shipped. */
import { execFile, spawn, type ChildProcess } from "node:child_process";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { projectPath } from "../../worker/selfhost/project.ts";
import { waitFor } from "../../worker/selfhost/process/wait-for.ts";
import { freePort } from "../support/processes/free-port.ts";
import { missingOf, orSkip } from "../support/needed.ts";
import type { ConnectedClient } from "../support/clients/mcp.ts";
import { ADMIN_TOKEN } from "../support/clients/admin-api.ts";
import { TestBed, untilStatus } from "../support/processes/test-bed.ts";

const run = promisify(execFile);
const MONITORING = projectPath("worker/deploy/monitoring");

const HAS_PROMETHEUS = orSkip(
  missingOf(["prometheus", "promtool"]).length === 0,
  "NO PROMETHEUS: apt-get install prometheus. Rules and dashboard are not tried.",
);

let bed: TestBed;
let folder: string;
let client: ConnectedClient;
let relayPort: number;
let prometheus: ChildProcess | undefined;
let prometheusUrl: URL;

beforeAll(async () => {
  bed = await TestBed.open();
  relayPort = await freePort();
  await bed.host("plant");
  const config = { metrics_listen: `127.0.0.1:${relayPort}` };
  const relay = await bed.relay("gw", ["plant"], { config });
  client = await bed.client();
  await untilStatus(client, "gw/plant", "up");
  const value = { log_level: "debug", max: 7 };
  await client.call("set_record", { record_name: "app.settings", value });
  await client.call("get_record", { record_name: "app.settings" });
  await client.call("get_record", { record_name: "missing" });
  bed.onClose(async () => void (await relay.stop()));
  folder = await mkdtemp(join(tmpdir(), "aimdb-prometheus-"));
  if (HAS_PROMETHEUS) await startPrometheus();
});

afterAll(async () => {
  await stopPrometheus();
  await bed.close();
  await rm(folder, { recursive: true, force: true });
});

async function stopPrometheus(): Promise<void> {
  const running = prometheus;
  if (running === undefined) return;
  const ended = new Promise((resolve) => void running.once("exit", resolve));
  running.kill();
  await ended;
}

/** The shipped configuration with this test's addresses, and scraped every second. */
async function startPrometheus(): Promise<void> {
  await cp(MONITORING, folder, { recursive: true });
  await writeFile(join(folder, "metrics-token"), ADMIN_TOKEN);
  const path = join(folder, "prometheus.yaml");
  let config = await readFile(path, "utf8");
  const ours = {
    "scrape_interval: 60s": "scrape_interval: 1s",
    "evaluation_interval: 60s": "evaluation_interval: 1s",
    "scheme: https": "scheme: http",
    "aimdb.example.com": bed.worker.url.host,
    "127.0.0.1:9464": `127.0.0.1:${relayPort}`,
  };
  for (const [theirs, own] of Object.entries(ours)) {
    expect(config).toContain(theirs);
    config = config.replace(theirs, own);
  }
  await writeFile(path, config);
  const port = await freePort();
  prometheusUrl = new URL(`http://127.0.0.1:${port}`);
  const args = [
    `--config.file=${path}`,
    `--storage.tsdb.path=${join(folder, "data")}`,
    `--web.listen-address=127.0.0.1:${port}`,
  ];
  prometheus = spawn("prometheus", args, { stdio: "ignore" });
}

async function ask(path: string, query: Record<string, string> = {}) {
  const url = new URL(path, prometheusUrl);
  for (const [name, text] of Object.entries(query)) url.searchParams.set(name, text);
  const response = await fetch(url).catch(() => undefined);
  // oxlint-disable-next-line typescript/no-explicit-any -- Prometheus' answers, of many forms
  const body: any = response === undefined ? undefined : await response.json();
  return body?.status === "success" ? body.data : undefined;
}

/** What a query gives once it gives something. */
function result(query: string) {
  return waitFor(30_000, async () => {
    const data = await ask("/api/v1/query", { query });
    return data?.result.length > 0 ? data.result : undefined;
  });
}

async function scrape(url: string, headers: Record<string, string> = {}): Promise<string> {
  const response = await fetch(url, { headers });
  expect(response.status).toBe(200);
  return response.text();
}

const scrapes = async () => ({
  worker: await scrape(new URL("/metrics", bed.worker.url).href, {
    authorization: `Bearer ${ADMIN_TOKEN}`,
  }),
  relay: await scrape(`http://127.0.0.1:${relayPort}/metrics`),
});

interface Panel {
  readonly title: string;
  readonly targets: readonly { readonly expr: string }[];
}

describe("metrics", () => {
  test.runIf(HAS_PROMETHEUS).each(["worker", "relay"] as const)(
    "of the %s are as Prometheus wants them",
    async (from) => {
      const text = (await scrapes())[from];
      const checked = run("promtool", ["check", "metrics"]);
      checked.child.stdin?.end(text);

      await expect(checked).resolves.toMatchObject({ stderr: "" });
    },
  );

  test("of both ends name a call's outcome in the same words", async () => {
    const counted = await waitFor(20_000, async () => {
      const { worker, relay } = await scrapes();
      const isThere = worker.includes('method="record.set",outcome="applied"');
      return isThere ? { worker, relay } : undefined;
    });

    expect(counted?.worker).toMatch(/tool_calls_total\{.*tool="get_record",outcome="ok"\} 1\n/);
    expect(counted?.worker).toMatch(
      /tool_calls_total\{.*outcome="unknown_record",source="caller"\} 1\n/,
    );
    expect(counted?.worker).toMatch(
      /tool_calls_total\{.*tool="set_record",outcome="applied"\} 1\n/,
    );
    expect(counted?.relay).toMatch(/calls_total\{method="record.set",outcome="applied"\} 1\n/);
  });

  test("of both ends say what their caches had", async () => {
    const counted = await waitFor(20_000, async () => {
      const { worker, relay } = await scrapes();
      return worker.includes('cache="callers",result="miss"} 0') ? undefined : { worker, relay };
    });

    expect(counted?.worker).toMatch(/cache_requests_total\{.*cache="callers",result="hit"\} [1-9]/);
    expect(counted?.worker).toMatch(
      /cache_requests_total\{.*cache="relay_names",result="hit"\} [1-9]/,
    );
    expect(counted?.relay).toMatch(/cache_requests_total\{cache="records",result="hit"\} [1-9]/);
    expect(counted?.relay).toMatch(/cache_requests_total\{cache="graph",result="miss"\} [1-9]/);
  });

  test("hold no name of a relay, record or person on the worker, and no value anywhere", async () => {
    const { worker, relay } = await scrapes();

    expect(worker).not.toMatch(/gw|plant|app\.settings/);
    expect(relay).not.toMatch(/app\.settings|debug/);
  });

  test.runIf(HAS_PROMETHEUS)(
    "are read by a Prometheus with the configuration that is shipped",
    async () => {
      const up = await result('min(up{job=~"aimdb-worker|aimdb-relay"}) == 1');

      expect(up).toBeDefined();
    },
  );
});

describe.runIf(HAS_PROMETHEUS)("the alert rules", () => {
  test("are rules", async () => {
    const { stdout } = await run("promtool", [
      "check",
      "rules",
      join(MONITORING, "aimdb-alerts.yaml"),
    ]);
    expect(stdout).toContain("SUCCESS");
  });

  test("are evaluated without an error, over metrics that exist", async () => {
    const rules = await waitFor(30_000, async () => {
      const data = await ask("/api/v1/rules");
      const all = data?.groups.flatMap((group: { rules: unknown[] }) => group.rules);
      return all?.every(({ health }: { health: string }) => health === "ok") ? all : undefined;
    });
    expect(rules.length).toBeGreaterThan(10);
    const { worker, relay } = await scrapes();
    for (const { query } of rules) expectKnown(query, worker + relay);
  });

  test("fire when they should", async () => {
    const path = projectPath("test/e2e/fixtures/aimdb-alerts.test.yaml");
    const { stdout } = await run("promtool", ["test", "rules", path]);
    expect(stdout).toContain("SUCCESS");
  });
});

describe.runIf(HAS_PROMETHEUS)("the dashboard", () => {
  test("asks for nothing that does not exist, and Prometheus understands it", async () => {
    const dashboard: { panels: Panel[] } = JSON.parse(
      await readFile(join(MONITORING, "aimdb-dashboard.json"), "utf8"),
    );
    const { worker, relay } = await scrapes();
    for (const { title, targets } of dashboard.panels) {
      for (const { expr } of targets) {
        expectKnown(expr, worker + relay);
        const query = expr.replaceAll("$__rate_interval", "1m").replaceAll("$team", ".*");
        const answer = await ask("/api/v1/query", { query });
        expect({ title, query, type: answer?.resultType }).toMatchObject({ type: "vector" });
      }
    }
  });
});

describe("the relay's port", () => {
  const at = (path: string, method = "GET") =>
    fetch(`http://127.0.0.1:${relayPort}${path}`, { method });

  test("says whether it is alive and ready", async () => {
    expect(await (await at("/health")).text()).toBe("ok\n");
    const ready = await at("/ready");
    expect(ready.status).toBe(200);
    expect(await ready.text()).toBe("Linked, 1 of 1 instances up.\n");
  });

  test("has nothing else and changes nothing", async () => {
    expect((await at("/")).status).toBe(404);
    expect((await at("/metrics", "POST")).status).toBe(405);
  });
});

function expectKnown(query: string, exposition: string): void {
  const names = query.match(/aimdb_[a-z_]+/g) ?? [];
  for (const name of names) {
    const family = name.replace(/_bucket$/, "");
    expect(exposition).toMatch(new RegExp(`^# TYPE ${family} `, "m"));
  }
}
