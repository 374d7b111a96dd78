/** The path to the worker, step by step, and what it says of this relay. */
import { CLOCK_TOLERANCE_S } from "#shared/link/dial-token.ts";
import type { Clock } from "../clock.ts";
import { duration } from "../duration.ts";
import { afterDialFailure, type DialFailure } from "../link/next-step.ts";
import { fail, pass, skip, type Check } from "./check.ts";
import type { Reach, ReachFailure, Stage } from "./reach-worker.ts";
import { tlsRemedy } from "./tls-remedy.ts";

const ORDER: readonly Stage[] = ["proxy", "dns", "tcp", "tls", "http"];

const REMEDIES: Readonly<Record<Exclude<Stage, "tls">, string>> = {
  proxy:
    "Correct HTTPS_PROXY, or let the proxy pass CONNECT to the worker; NO_PROXY goes around it.",
  dns: "Correct the device's name servers (/etc/resolv.conf), or the worker's address by enrolling again.",
  tcp: "Check that the worker is running and that its address is right. Let connections out to its port, or set HTTPS_PROXY.",
  http: "Something in between answers instead of the worker. Ask whoever runs the network, or the worker.",
};

/** What to do if the worker can't be reached; undefined if it can. */
export function remedyFor({ failure, status }: Reach, nowMs: number): string | undefined {
  if (failure !== undefined) return remedyOf(failure, nowMs);
  return status === 200 ? undefined : REMEDIES.http;
}

function remedyOf({ stage, code }: ReachFailure, nowMs: number): string {
  return stage === "tls" ? tlsRemedy(code, nowMs) : REMEDIES[stage];
}

/** DNS, TCP, TLS and proxy: the step that failed and those before it, without those after it. */
export function checkWay(link: URL, reach: Reach, nowMs: number): Check[] {
  const failedAt = reach.failure === undefined ? ORDER.length : ORDER.indexOf(reach.failure.stage);
  return ORDER.flatMap((stage, i) => {
    if (i > failedAt) return [skip(stage, "Not reached.")];
    const { failure } = reach;
    if (failure?.stage === stage) return [fail(stage, failure.reason, remedyOf(failure, nowMs))];
    return [describeStage(stage, link, reach)];
  });
}

function describeStage(stage: Stage, link: URL, reach: Reach): Check {
  const { proxy, address, tls, status } = reach;
  switch (stage) {
    case "proxy":
      return proxy === undefined
        ? skip(stage, "None is set for the worker.")
        : pass(stage, `${proxy} lets the relay through.`);
    case "dns":
      if (proxy !== undefined) return skip(stage, "The proxy looks the worker up.");
      return address === undefined
        ? skip(stage, `${link.hostname} is an address.`)
        : pass(stage, `${link.hostname} is ${address}`);
    case "tcp":
      return proxy === undefined
        ? pass(stage, `${link.host} takes connections.`)
        : skip(stage, "The proxy connects.");
    case "tls":
      return tls === undefined
        ? skip(stage, "The worker is on this machine, without TLS.")
        : pass(stage, `${tls.protocol}, certificate trusted, valid to ${tls.validTo}`);
    case "http":
      return status === 200
        ? pass(stage, "The worker is healthy.")
        : fail(stage, `/health answers ${status}.`, REMEDIES.http);
  }
}

/** `serverTimeMs`: by the `Date` header, or else by the refusal of the token of 1970. */
export function checkClock(serverTimeMs: number | undefined, clock: Clock): Check {
  if (serverTimeMs === undefined) return skip("clock", "The worker's time is not known.");
  const offsetS = Math.round((clock.wallMs() - serverTimeMs) / 1_000);
  if (Math.abs(offsetS) <= CLOCK_TOLERANCE_S) {
    return pass("clock", `within ${Math.abs(offsetS) + 1} s of the worker's`);
  }
  const direction = offsetS < 0 ? "behind" : "ahead of";
  return fail(
    "clock",
    `${duration(Math.abs(offsetS) * 1_000)} ${direction} the worker's`,
    "Set it, best by NTP. The relay dials all the same, but certificates may seem expired.",
  );
}

/** From the answer to a token that must be refused for its time. */
export function checkDial(failure: DialFailure): readonly [upgrade: Check, key: Check] {
  if (failure.type === "unreachable") {
    const upgrade = fail("upgrade", failure.reason, "See the steps above.");
    return [upgrade, skip("key accepted", "Not asked.")];
  }
  const next = afterDialFailure(failure);
  switch (next.type) {
    case "retry_with_clock":
      return [UPGRADED, pass("key accepted", "The worker knows this relay's key.")];
    case "stop":
      return [UPGRADED, fail("key accepted", `The worker answers ${failure.status}.`, next.advice)];
    case "retry": {
      const remedy = FORBIDDING.has(failure.status) ? REMEDIES.http : NO_UPGRADE;
      return [
        fail("upgrade", `The dial is answered ${failure.status}.`, remedy),
        skip("key accepted", "Not asked."),
      ];
    }
  }
}

const UPGRADED = pass("upgrade", "WebSocket upgrades reach the worker.");
/** Statuses that a worker sends a relay only with its own error body. */
const FORBIDDING: ReadonlySet<number> = new Set([401, 403]);
const NO_UPGRADE =
  "Let the proxy or load balancer in front of the worker pass WebSocket upgrades and the Host header.";
