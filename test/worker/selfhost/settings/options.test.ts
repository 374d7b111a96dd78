import { expect, test } from "vitest";
import {
  parseDemoOptions,
  parseStartOptions,
} from "../../../../worker/selfhost/settings/options.ts";

test("parseDemoOptions has a default for everything", () => {
  expect(parseDemoOptions([])).toEqual({
    ok: true,
    value: {
      port: 8787,
      sockets: [],
      stateFolder: undefined,
      json: false,
      confirmWrites: false,
      rateLimit: 0,
      inspectorPort: undefined,
    },
  });
});

test("parseDemoOptions takes every option, --socket repeatedly", () => {
  const args =
    "--port 0 --socket /tmp/a --socket=/tmp/b --state s --json --confirm-writes --rate-limit 7 --inspector-port 9229";

  expect(parseDemoOptions(args.split(" "))).toEqual({
    ok: true,
    value: {
      port: 0,
      sockets: ["/tmp/a", "/tmp/b"],
      stateFolder: "s",
      json: true,
      confirmWrites: true,
      rateLimit: 7,
      inspectorPort: 9229,
    },
  });
});

test("parseStartOptions is local, shut outward and quiet by default", () => {
  expect(parseStartOptions([])).toMatchObject({
    ok: true,
    value: {
      host: "127.0.0.1",
      port: 8787,
      egress: "none",
      json: false,
      publicUrl: undefined,
      callsPerMinute: 120,
      callsInFlight: 8,
      relayCallsPerMinute: 100,
      teamCallsPerDay: 0,
      teamBytesPerDay: 0,
      trustedProxies: 0,
    },
  });
});

test.each([
  [["--port", "70000"], "--port takes a port from 0 to 65535"],
  [["--port", "-1"], "--port"],
  [["--port", "1.5"], "--port takes a port from 0 to 65535"],
  [["--token-port", "x"], "--token-port takes a port"],
  [["--public-url", "aimdb.example"], "--public-url must be an origin"],
  [["--public-url", "https://a.example/path"], "--public-url must be an origin"],
  [["--public-url", "https://user@a.example"], "--public-url must be an origin"],
  [["--relay-calls-per-minute", "1.5"], "--relay-calls-per-minute takes a whole number of calls"],
  [["--team-calls-per-day", "x"], "--team-calls-per-day takes a whole number of calls"],
  [["--team-bytes-per-day", "1G"], "--team-bytes-per-day takes a whole number of bytes"],
  [["--trusted-proxies", "all"], "--trusted-proxies takes how many"],
  [["--unknown"], "--unknown"],
  [["extra"], "extra"],
])("parseStartOptions refuses %j", (args, text) => {
  const parsed = parseStartOptions(args);

  expect(parsed.ok ? "" : parsed.error).toContain(text);
});
