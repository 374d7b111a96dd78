/** The command line to a command, or to what is wrong with it. Pure. */
import { errorText } from "#shared/text/error-text.ts";
import { parseArgs } from "node:util";
import { isName } from "#shared/instance-id.ts";
import { err, ok, type Result } from "#shared/result.ts";
import type { ConfirmCommand } from "./commands/confirm.ts";
import { parseWorkerUrl } from "./net/worker-url.ts";

export type JoinTokenSource =
  | { readonly from: "argument"; readonly token: string }
  | { readonly from: "file"; readonly path: string }
  | { readonly from: "stdin" }
  | { readonly from: "environment" };

export type Command =
  | { readonly name: "help" }
  | { readonly name: "version" }
  | {
      readonly name: "enroll";
      /** The worker's origin. */
      readonly url: URL;
      readonly joinToken: JoinTokenSource;
      readonly relayName: string | undefined;
      readonly force: boolean;
      readonly json: boolean;
      readonly configPath: string | undefined;
    }
  | { readonly name: "metrics"; readonly configPath: string | undefined }
  | { readonly name: "run"; readonly configPath: string | undefined }
  | { readonly name: "stdio"; readonly configPath: string | undefined }
  | {
      readonly name: "discover" | "status" | "doctor" | "rotate" | "config check";
      readonly json: boolean;
      readonly configPath: string | undefined;
    }
  | ({ readonly name: "confirm" } & ConfirmCommand);

export const USAGE = `aimdb-relay: makes the AimDB instances of this machine reachable through an aimdb-remote worker.

Usage:
  aimdb-relay enroll URL --join-token-file FILE [--name NAME] [--force] [--json]
      Makes a key on this device and registers it. The join token can also come from standard input
      (--join-token -) or from AIMDB_JOIN_TOKEN. NAME is a-z, 0-9 and "-"; default: the host name. A device that
      is enrolled so already is left as it is; --force enrolls it anew.
  aimdb-relay run
      Dials the worker and serves it. Ends with 78 if only a person can help.
  aimdb-relay stdio
      Serves this machine's instances to one MCP client, over standard input and output. Needs no
      worker and no enrollment.
  aimdb-relay discover [--json]
      Shows the AimDB instances of this machine, and what was skipped and why.
  aimdb-relay status [--json]
      Asks the relay that runs how it is. Ends with 0 if it has a link.
  aimdb-relay metrics
      The same in Prometheus' text form, for node_exporter's textfile collector.
  aimdb-relay doctor [--json]
      Checks configuration, clock, network, key, sockets and a real read, each with the remedy.
  aimdb-relay confirm [ID] [--decline] [--list] [--json]
      Shows the writes that wait for an approval on this device, or approves the one with that ID.
  aimdb-relay rotate [--json]
      Makes a new key and registers it in the old one's place. A running relay takes it at its next dial.
  aimdb-relay config check [--json]
      Reads the configuration and says what is wrong with it.

Options of every command:
  --config FILE   default: AIMDB_RELAY_CONFIG, $XDG_CONFIG_HOME/aimdb-relay/config.toml,
                  /etc/aimdb-relay/config.toml
  --help, --version
State (key, names) is kept in $STATE_DIRECTORY or ~/.local/state/aimdb-relay. A running relay is asked
at control.sock in $RUNTIME_DIRECTORY, or beside its state.
`;

const OPTIONS = {
  help: { type: "boolean" },
  version: { type: "boolean" },
  config: { type: "string" },
  json: { type: "boolean" },
  force: { type: "boolean" },
  decline: { type: "boolean" },
  list: { type: "boolean" },
  name: { type: "string" },
  "join-token": { type: "string" },
  "join-token-file": { type: "string" },
} as const;

type Option = keyof typeof OPTIONS;

const OPTIONS_OF_ALL: readonly Option[] = ["config", "help", "version"];

/** What a command takes besides. */
const OPTIONS_OF: ReadonlyMap<string, readonly Option[]> = new Map([
  ["enroll", ["join-token-file", "join-token", "name", "force", "json"]],
  ["run", []],
  ["stdio", []],
  ["discover", ["json"]],
  ["status", ["json"]],
  ["metrics", []],
  ["doctor", ["json"]],
  ["confirm", ["decline", "list", "json"]],
  ["rotate", ["json"]],
  ["config", ["json"]],
]);

type Values = ReturnType<typeof parse>["values"];

function parse(args: readonly string[]) {
  return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true, strict: true });
}

export function parseCommand(args: readonly string[]): Result<Command, string> {
  const notTaken = notTakenHere(args);
  if (notTaken !== undefined) return err(notTaken);
  let parsed: ReturnType<typeof parse>;
  try {
    parsed = parse(args);
  } catch (error) {
    return err(errorText(error));
  }
  const { values, positionals } = parsed;
  if (values.version === true) return ok({ name: "version" });
  if (values.help === true || positionals.length === 0) return ok({ name: "help" });
  return toCommand(positionals, values);
}

/** In words. An option that another command has would change nothing here, and whoever typed it would not notice. */
function notTakenHere(args: readonly string[]): string | undefined {
  const { tokens, positionals } = parseArgs({
    args: [...args],
    options: OPTIONS,
    allowPositionals: true,
    strict: false,
    tokens: true,
  });
  const [command] = positionals;
  const own = command === undefined ? [] : OPTIONS_OF.get(command);
  if (own === undefined) return `"${command}" is not a command.`;
  const taken = new Set<string>([...own, ...OPTIONS_OF_ALL]);
  const other = tokens.find((token) => token.kind === "option" && !taken.has(token.name));
  if (other?.kind !== "option") return undefined;
  const known = [...taken].map((name) => `--${name}`).join(", ");
  return `${command ?? "aimdb-relay"} does not take ${other.rawName}. It takes ${known}.`;
}

function toCommand(positionals: readonly string[], values: Values): Result<Command, string> {
  const configPath = values.config;
  const [first, second, ...rest] = positionals;
  if (first === "enroll") return toEnroll(positionals, values);
  if (first === "config" && second === "check" && rest.length === 0) {
    return ok({ name: "config check", json: values.json === true, configPath });
  }
  if (first === "confirm" && rest.length === 0) return toConfirm(second, values);
  if (second !== undefined) return err(`"${second}" was not expected behind "${first}".`);
  return toPlainCommand(first, values);
}

/** A command of a single word. */
function toPlainCommand(name: string | undefined, values: Values): Result<Command, string> {
  const configPath = values.config;
  switch (name) {
    case "run":
    case "metrics":
    case "stdio":
      return ok({ name, configPath });
    case "discover":
    case "status":
    case "doctor":
    case "rotate":
      return ok({ name, json: values.json === true, configPath });
    default:
      return err(`"${name}" is not a command.`);
  }
}

function toConfirm(id: string | undefined, values: Values): Result<Command, string> {
  const { decline = false, list = false, json = false } = values;
  if (id !== undefined && list) return err("Give an id or --list, not both.");
  if (id === undefined && decline) return err("--decline needs the id of a write.");
  if (id !== undefined && !/^[0-9a-f]{4,32}$/.test(id)) {
    return err("An id is 4 to 32 characters of 0-9 and a-f, as aimdb-relay confirm shows it.");
  }
  return ok({ name: "confirm", id, decline, json });
}

function toEnroll([, typed, extra]: readonly string[], values: Values): Result<Command, string> {
  if (typed === undefined) return err("enroll needs the worker's URL.");
  if (extra !== undefined) return err(`"${extra}" was not expected behind the URL.`);
  const url = parseWorkerUrl(typed);
  if (!url.ok) return url;
  const { name: relayName, config: configPath } = values;
  if (relayName !== undefined && !isName(relayName)) {
    return err('--name takes up to 40 characters of a-z, 0-9 and "-".');
  }
  const joinToken = joinTokenSource(values);
  if (!joinToken.ok) return joinToken;
  const { force = false, json = false } = values;
  return ok({
    name: "enroll",
    url: url.value,
    joinToken: joinToken.value,
    relayName,
    force,
    json,
    configPath,
  });
}

function joinTokenSource(values: Values): Result<JoinTokenSource, string> {
  const { "join-token": argument, "join-token-file": path } = values;
  if (argument !== undefined && path !== undefined) {
    return err("Give --join-token or --join-token-file, not both.");
  }
  if (path !== undefined) return ok({ from: "file", path });
  if (argument === "-") return ok({ from: "stdin" });
  return ok(
    argument === undefined ? { from: "environment" } : { from: "argument", token: argument },
  );
}
