import { expect, test } from "vitest";
import { readWorkerSettings } from "../../../../worker/selfhost/settings/worker-settings.ts";
import { toWorkerdConfig } from "../../../../worker/selfhost/process/workerd-config.ts";

const CONFIG = {
  settings: {
    compatibility_date: "2026-11-02",
    compatibility_flags: ["a_flag"],
    durable_objects: { bindings: [{ name: "RELAY", class_name: "RelayObject" }] },
  },
  uniqueKeys: { RelayObject: "00ff" },
  bundle: "worker.js",
  storageFolder: '/state/with "quotes"',
  host: "::1",
  port: 1,
  tokenPort: 2,
  publicUrl: "http://[::1]:1",
  tokenUrl: "http://[::1]:2",
  adminTokenSha256: "abcd",
  metricsTokenSha256: "ef01",
  egress: [] as string[],
  callsPerMinute: 120,
  callsInFlight: 8,
  relayCallsPerMinute: 100,
  teamCallsPerDay: 5000,
  teamBytesPerDay: 50_000_000_000,
  trustedProxies: 1,
  fromEnvironment: [] as string[],
};

test("toWorkerdConfig lets the Worker connect nowhere unless allowed", () => {
  expect(toWorkerdConfig(CONFIG)).toContain("network = (allow = []");
  expect(toWorkerdConfig({ ...CONFIG, egress: ["public"] })).toContain('allow = ["public"]');
});

test.each([
  { egress: [], setting: "0" },
  { egress: ["192.0.2.1/32"], setting: "0" },
  { egress: ["public", "192.0.2.1/32"], setting: "1" },
])(
  "toWorkerdConfig allows client metadata documents where any address may be fetched: $egress",
  ({ egress, setting }) => {
    expect(toWorkerdConfig({ ...CONFIG, egress })).toContain(
      `(name = "CLIENT_METADATA_DOCUMENTS", text = "${setting}")`,
    );
  },
);

test("toWorkerdConfig tells the Worker how many proxies stand before it", () => {
  expect(toWorkerdConfig(CONFIG)).toContain('(name = "TRUSTED_PROXIES", text = "1")');
});

test("toWorkerdConfig tells the Worker what a caller and a team may ask", () => {
  const text = toWorkerdConfig(CONFIG);

  expect(text).toContain('(name = "CALLS_PER_MINUTE", text = "120")');
  expect(text).toContain('(name = "CALLS_IN_FLIGHT", text = "8")');
  expect(text).toContain('(name = "RELAY_CALLS_PER_MINUTE", text = "100")');
  expect(text).toContain('(name = "TEAM_CALLS_PER_DAY", text = "5000")');
  expect(text).toContain('(name = "TEAM_BYTES_PER_DAY", text = "50000000000")');
});

test("toWorkerdConfig quotes what it is given", () => {
  const text = toWorkerdConfig(CONFIG);

  expect(text).toContain('path = "/state/with \\"quotes\\""');
  expect(text).toContain('address = "[::1]:1"');
  expect(text).toContain('className = "RelayObject", uniqueKey = "00ff", enableSql = true');
  expect(text).toContain('compatibilityFlags = ["a_flag"]');
});

test("toWorkerdConfig names variables that may be secret and does not hold them", () => {
  const text = toWorkerdConfig({ ...CONFIG, fromEnvironment: ["OIDC_CLIENT_SECRET"] });

  expect(text).toContain('(name = "OIDC_CLIENT_SECRET", fromEnvironment = "OIDC_CLIENT_SECRET")');
});

test("readWorkerSettings finds in wrangler.toml what workerd needs", async () => {
  const settings = await readWorkerSettings();

  expect(settings.compatibility_flags).toContain("no_web_socket_compression");
  expect(settings.durable_objects.bindings.map(({ class_name }) => class_name).sort()).toEqual([
    "AccountObject",
    "DirectoryObject",
    "OAuthShardObject",
    "RelayObject",
    "TeamObject",
  ]);
});
