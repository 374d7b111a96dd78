/** The sockets of this machine, and one real read of each AimDB instance. */
import { lstat } from "node:fs/promises";
import type { RecordRow } from "#shared/aimx/record-row.ts";
import { REQUEST_TIMEOUT_MS } from "#shared/aimx/limits.ts";
import { isGlob } from "#shared/text/glob.ts";
import { withoutHidden } from "../access/hidden.ts";
import type { Clock } from "../clock.ts";
import type { Config } from "../config.ts";
import type { Finding } from "../discovery/scan.ts";
import type { ConnectHost } from "../instances/host/connect.ts";
import { HostConnection, type HostCallFailure } from "../instances/host/host-connection.ts";
import { describeClose, toFailure } from "../instances/host/host-failure.ts";
import { fail, pass, skip, type Check } from "./check.ts";
import { modeOf } from "./device-checks.ts";

/** A record may hold nothing yet; a few are tried, not thousands. */
const MAX_READS = 5;

export interface HostCheckContext {
  readonly config: Config;
  readonly connect: ConnectHost;
  readonly clock: Clock;
}

export async function checkHosts(
  findings: readonly Finding[],
  context: HostCheckContext,
): Promise<Check[]> {
  const patterns = context.config.allowedSockets;
  const instances = findings.filter((finding) => finding.type === "aimdb");
  const sockets = await Promise.all(findings.map((finding) => checkSocket(finding, patterns)));
  const reads = await Promise.all(
    instances.map(({ socketPath }) => checkRead(socketPath, context)),
  );
  return [countInstances(findings, patterns), ...sockets, ...reads];
}

/** A pattern that finds nothing is itself one finding. */
function countInstances(findings: readonly Finding[], patterns: readonly string[]): Check {
  const count = findings.filter(({ type }) => type === "aimdb").length;
  if (count > 0) return pass("instances", `${count} found`);
  const detail = `No AimDB instance at ${patterns.join(", ")}.`;
  const others = findings.filter(({ socketPath }) => !isGlob(socketPath)).length;
  return others > 0
    ? fail("instances", detail, "See below why no socket there is one.")
    : fail("instances", detail, START);
}

const START = "Start AimDB with remote access, or set allowed_sockets to where its socket is.";

/** A path that is named exactly must be an instance; a glob may match what it likes. */
async function checkSocket(finding: Finding, patterns: readonly string[]): Promise<Check> {
  const { socketPath } = finding;
  const check = `socket ${socketPath}`;
  const found = await lstat(socketPath).catch(() => undefined);
  const owner = found === undefined ? "gone" : `user ${found.uid}, ${modeOf(found.mode)}`;
  if (finding.type === "aimdb") {
    const { protocolVersion, permissions } = finding.welcome;
    return pass(check, `${owner}, AimX ${protocolVersion}, ${permissions.join("+")}`);
  }
  // The finding is about the pattern as a whole.
  if (found === undefined && isGlob(socketPath)) return skip(check, finding.reason);
  const detail = `${owner}. ${finding.reason}`;
  const isNamed = patterns.some((pattern) => pattern === socketPath && !isGlob(pattern));
  if (!isNamed) return skip(check, detail);
  return fail(check, detail, "allowed_sockets names it: start what should be there, or remove it.");
}

async function checkRead(socketPath: string, context: HostCheckContext): Promise<Check> {
  const { connect, clock } = context;
  const check = `read ${socketPath}`;
  const timeoutMs = REQUEST_TIMEOUT_MS;
  const opened = await HostConnection.open({ socketPath, connect, clock, timeoutMs });
  if (!opened.ok) return fail(check, describeClose(opened.error), RESTART);
  try {
    return await readOne(check, opened.value, context);
  } finally {
    opened.value.close();
  }
}

const RESTART = "Look at the AimDB process: it accepted the connection but does not serve it.";

async function readOne(
  check: string,
  connection: HostConnection,
  { config, clock }: HostCheckContext,
): Promise<Check> {
  const startedMs = clock.monotonicMs();
  const rows = await connection.request((dialect) => dialect.list());
  if (!rows.ok) return fail(check, messageOf(rows.error), RESTART);
  const candidates = candidatesOf(withoutHidden(rows.value, config.hiddenRecords));
  if (candidates.length === 0) return skip(check, "It has no record that may be read from here.");
  for (const { record_key } of candidates) {
    const value = await connection.request((dialect) => dialect.get(record_key));
    const tookMs = Math.round(clock.monotonicMs() - startedMs);
    if (value.ok) return pass(check, `${record_key} read in ${tookMs} ms`);
    if (value.error.type !== "host") return fail(check, messageOf(value.error), RESTART);
  }
  return pass(check, "It answers; the records asked for hold nothing yet.");
}

/** A remote reader must not read a mailbox; rings of AimX 3 keep no value. */
function candidatesOf(rows: readonly RecordRow[]): readonly RecordRow[] {
  const readable = rows.filter(({ buffer_type }) => buffer_type !== "mailbox");
  const latestFirst = [
    ...readable.filter(({ buffer_type }) => buffer_type === "single_latest"),
    ...readable.filter(({ buffer_type }) => buffer_type !== "single_latest"),
  ];
  return latestFirst.slice(0, MAX_READS);
}

function messageOf(failure: HostCallFailure): string {
  return toFailure(failure).message;
}
