/** Command lines of `npm start` and `npm run demo`. Pure. */
import { errorText } from "#shared/text/error-text.ts";
import { parseArgs, type ParseArgsOptionsConfig } from "node:util";
import { err, ok, type Result } from "#shared/result.ts";

/** 0 is no limit. */
export interface CallLimits {
  /** Per principal. */
  readonly callsPerMinute: number;
  readonly callsInFlight: number;
  /** Per principal and relay. */
  readonly relayCallsPerMinute: number;
  readonly teamCallsPerDay: number;
  readonly teamBytesPerDay: number;
}

export interface StartOptions extends CallLimits {
  readonly host: string;
  readonly port: number;
  readonly tokenPort: number | undefined;
  readonly publicUrl: string | undefined;
  readonly stateFolder: string;
  /** `none`, `public`, or host names separated by commas. */
  readonly egress: string;
  /** How many stand before the worker; they are believed about the client's address. */
  readonly trustedProxies: number;
  readonly json: boolean;
}

export interface DemoOptions {
  readonly port: number;
  /** Empty: simulated hosts. */
  readonly sockets: readonly string[];
  /** Undefined: a temporary folder, removed at the end. */
  readonly stateFolder: string | undefined;
  readonly json: boolean;
  readonly confirmWrites: boolean;
  /** Calls per minute; 0 is off. */
  readonly rateLimit: number;
  /** For development tools that inspect the Worker. */
  readonly inspectorPort: number | undefined;
}

export const DEFAULT_PORT = 8787;
const DEFAULT_STATE_FOLDER = "aimdb-remote-state";

export const START_USAGE = `npm start -- [--port N] [--host ADDR] [--public-url URL] [--token-port N]
             [--state DIR] [--egress none|public|HOST,…] [--calls-per-minute N]
             [--calls-in-flight N] [--relay-calls-per-minute N] [--team-calls-per-day N]
             [--team-bytes-per-day N] [--trusted-proxies N] [--json]`;
export const DEMO_USAGE = `npm run demo -- [--port N] [--socket PATH]… [--state DIR] [--json]
                [--confirm-writes] [--rate-limit N] [--inspector-port N]`;

export function parseStartOptions(args: readonly string[]): Result<StartOptions, string> {
  const parsed = parse(args, {
    host: { type: "string", default: "127.0.0.1" },
    port: { type: "string", default: String(DEFAULT_PORT) },
    "token-port": { type: "string" },
    "public-url": { type: "string" },
    state: { type: "string", default: DEFAULT_STATE_FOLDER },
    egress: { type: "string", default: "none" },
    "calls-per-minute": { type: "string", default: "120" },
    "calls-in-flight": { type: "string", default: "8" },
    "relay-calls-per-minute": { type: "string", default: "100" },
    "team-calls-per-day": { type: "string", default: "0" },
    "team-bytes-per-day": { type: "string", default: "0" },
    "trusted-proxies": { type: "string", default: "0" },
    json: { type: "boolean", default: false },
  });
  if (!parsed.ok) return parsed;
  const { host, state, egress, json, "public-url": publicUrl } = parsed.value;
  const port = parsePort(parsed.value.port, "--port");
  if (!port.ok) return port;
  const tokenPort = parsePort(parsed.value["token-port"] ?? "0", "--token-port");
  if (!tokenPort.ok) return tokenPort;
  const limits = parseCallLimits(parsed.value);
  if (!limits.ok) return limits;
  const trustedProxies = Number(parsed.value["trusted-proxies"]);
  if (!/^\d$/.test(parsed.value["trusted-proxies"])) {
    return err("--trusted-proxies takes how many proxies are before the worker, from 0 to 9.");
  }
  if (publicUrl !== undefined && !/^https?:\/\/[^/?#@]+\/?$/.test(publicUrl)) {
    return err("--public-url must be an origin, such as https://aimdb.example.com");
  }
  return ok({
    host,
    port: port.value,
    tokenPort: parsed.value["token-port"] === undefined ? undefined : tokenPort.value,
    publicUrl,
    stateFolder: state,
    egress,
    trustedProxies,
    json,
    ...limits.value,
  });
}

const CALL_LIMITS = [
  ["calls-per-minute", "calls", 7],
  ["calls-in-flight", "calls", 7],
  ["relay-calls-per-minute", "calls", 7],
  ["team-calls-per-day", "calls", 7],
  ["team-bytes-per-day", "bytes", 15],
] as const;

function parseCallLimits(
  values: Readonly<Record<(typeof CALL_LIMITS)[number][0], string>>,
): Result<CallLimits, string> {
  for (const [option, what, maxDigits] of CALL_LIMITS) {
    if (!/^\d+$/.test(values[option]) || values[option].length > maxDigits) {
      return err(`--${option} takes a whole number of ${what}; 0 is no limit.`);
    }
  }
  return ok({
    callsPerMinute: Number(values["calls-per-minute"]),
    callsInFlight: Number(values["calls-in-flight"]),
    relayCallsPerMinute: Number(values["relay-calls-per-minute"]),
    teamCallsPerDay: Number(values["team-calls-per-day"]),
    teamBytesPerDay: Number(values["team-bytes-per-day"]),
  });
}

export function parseDemoOptions(args: readonly string[]): Result<DemoOptions, string> {
  const parsed = parse(args, {
    port: { type: "string", default: String(DEFAULT_PORT) },
    socket: { type: "string", multiple: true, default: [] },
    state: { type: "string" },
    json: { type: "boolean", default: false },
    "confirm-writes": { type: "boolean", default: false },
    "rate-limit": { type: "string", default: "0" },
    "inspector-port": { type: "string" },
  });
  if (!parsed.ok) return parsed;
  const { socket, state, json, "confirm-writes": confirmWrites } = parsed.value;
  const port = parsePort(parsed.value.port, "--port");
  if (!port.ok) return port;
  const inspectorPort = parsePort(parsed.value["inspector-port"] ?? "0", "--inspector-port");
  if (!inspectorPort.ok) return inspectorPort;
  const rateLimit = Number(parsed.value["rate-limit"]);
  if (!Number.isInteger(rateLimit) || rateLimit < 0) {
    return err("--rate-limit takes a whole number of calls per minute; 0 is off.");
  }
  return ok({
    port: port.value,
    sockets: socket,
    stateFolder: state,
    json,
    confirmWrites,
    rateLimit,
    inspectorPort: inspectorPort.value === 0 ? undefined : inspectorPort.value,
  });
}

function parse<O extends ParseArgsOptionsConfig>(args: readonly string[], options: O) {
  try {
    return ok(parseArgs({ args: [...args], options, strict: true }).values);
  } catch (error) {
    return err(errorText(error));
  }
}

function parsePort(text: string, option: string): Result<number, string> {
  const port = Number(text);
  return /^\d{1,5}$/.test(text) && port <= 65_535
    ? ok(port)
    : err(`${option} takes a port from 0 to 65535.`);
}
