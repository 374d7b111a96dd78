import { describe, expect, test } from "vitest";
import { checkClock, checkDial, checkWay } from "../../../relay/doctor/worker-checks.ts";
import type { Reach } from "../../../relay/doctor/reach-worker.ts";
import { ManualClock } from "../../support/manual-clock.ts";

const LINK = new URL("wss://aimdb.example.com/relay");
const NOW_MS = Date.UTC(2026, 10, 20, 12);
const REACHED: Reach = {
  proxy: undefined,
  address: "192.0.2.1",
  tls: { protocol: "TLSv1.3", validTo: "Jan 1 2030" },
  status: 200,
  serverTimeMs: undefined,
  failure: undefined,
};

function statusesOf(reach: Partial<Reach>) {
  const checks = checkWay(LINK, { ...REACHED, ...reach }, NOW_MS);
  return Object.fromEntries(checks.map(({ check, status }) => [check, status]));
}

describe("checkWay", () => {
  test("passes every step of a way that leads to the worker", () => {
    expect(statusesOf({})).toEqual({
      proxy: "SKIP",
      dns: "PASS",
      tcp: "PASS",
      tls: "PASS",
      http: "PASS",
    });
  });

  test("leaves to the proxy what is the proxy's", () => {
    expect(statusesOf({ proxy: "proxy:3128", address: undefined })).toEqual({
      proxy: "PASS",
      dns: "SKIP",
      tcp: "SKIP",
      tls: "PASS",
      http: "PASS",
    });
  });

  test.each(["proxy", "dns", "tcp", "tls", "http"] as const)(
    "fails at %s, with a remedy, and judges nothing behind it",
    (stage) => {
      const failure = { stage, reason: "because", code: "" };
      const reach = { ...REACHED, proxy: "p:1", status: undefined, failure };
      const checks = checkWay(LINK, reach, NOW_MS);
      const at = checks.findIndex(({ check }) => check === stage);
      expect(checks[at]).toMatchObject({
        status: "FAIL",
        detail: "because",
        remedy: expect.stringMatching(/./),
      });
      expect(checks.slice(at + 1).map(({ status }) => status)).not.toContain("PASS");
      expect(checks).toHaveLength(5);
    },
  );

  test("fails where something else answers", () => {
    expect(statusesOf({ status: 302 })).toMatchObject({ http: "FAIL" });
  });
});

describe("checkClock", () => {
  const clock = new ManualClock();

  test.each([
    [0, "PASS"],
    [60_000, "PASS"],
    [-60_000, "PASS"],
    [62_000, "FAIL"],
    [-3_600_000, "FAIL"],
  ])("of a device that is %d ms off is %s", (offsetMs, status) => {
    expect(checkClock(clock.wallMs() - offsetMs, clock)).toMatchObject({ status });
  });

  test("says in which direction, and that the relay dials all the same", () => {
    expect(checkClock(clock.wallMs() + 3_600_000, clock)).toMatchObject({
      detail: "60 min behind the worker's",
      remedy: expect.stringContaining("dials all the same"),
    });
  });

  test("does not guess", () => {
    expect(checkClock(undefined, clock)).toMatchObject({ status: "SKIP" });
  });
});

describe("checkDial", () => {
  const checksOf = (status: number, refusal?: string, serverTimeMs?: number) =>
    checkDial({ type: "status", status, refusal, retryAfterMs: undefined, serverTimeMs });
  const dialOf = (...answer: Parameters<typeof checksOf>) =>
    checksOf(...answer).map((check) => check.status);

  test("takes the refusal for its time as a sign that all else is right", () => {
    expect(dialOf(401, "clock", 9)).toEqual(["PASS", "PASS"]);
  });

  test.each([
    [401, "unauthorized"],
    [410, "revoked"],
  ])("tells a key that is not accepted from a way that fails: %d %s", (status, refusal) => {
    expect(dialOf(status, refusal)).toEqual(["PASS", "FAIL"]);
  });

  test.each([200, 302, 400, 401, 403, 502])("tells that no upgrade gets through: %d", (status) => {
    expect(dialOf(status)).toEqual(["FAIL", "SKIP"]);
  });

  test("takes the worker's 426 for an upgrade that was dropped on its way", () => {
    expect(checksOf(426, "upgrade_required")).toMatchObject([
      { status: "FAIL", remedy: expect.stringContaining("pass WebSocket upgrades") },
      { status: "SKIP" },
    ]);
  });

  test.each([401, 403])("says of %d in other words that something else refuses", (status) => {
    expect(checksOf(status)).toMatchObject([
      { remedy: expect.stringContaining("instead of the worker") },
      { status: "SKIP" },
    ]);
  });

  test("says why the worker could not be dialed", () => {
    expect(checkDial({ type: "unreachable", reason: "no route" })).toMatchObject([
      { status: "FAIL", detail: "no route" },
      { status: "SKIP" },
    ]);
  });
});
