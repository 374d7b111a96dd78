/** Turns a command line of `npm run admin` into a request. Pure. */
import { errorText } from "#shared/text/error-text.ts";
import { parseArgs, type ParseArgsOptionsConfig } from "node:util";
import { err, ok, type Result } from "#shared/result.ts";
import { ADMIN_COMMANDS, type AdminCommand } from "./commands.ts";

export type AdminCall =
  | { readonly type: "help" }
  | {
      readonly type: "request";
      readonly command: AdminCommand;
      /** Relative to `/api/v1`, with its query. */
      readonly path: string;
      /** Undefined for a request without a body. */
      readonly body: Readonly<Record<string, unknown>> | undefined;
      readonly json: boolean;
    };

type Value = string | boolean | readonly (string | boolean)[] | undefined;

export function parseAdminArguments(args: readonly string[]): Result<AdminCall, string> {
  if (args.length === 0 || args.includes("--help") || args.includes("-h")) {
    return ok({ type: "help" });
  }
  const firstOption = args.findIndex((word) => word.startsWith("-"));
  const words = firstOption === -1 ? args : args.slice(0, firstOption);
  const command = findCommand(words);
  if (command === undefined) return err(`There is no command "${words.join(" ")}".`);
  const parsed = parseOptions(command, args.slice(command.words.length));
  if (!parsed.ok) return parsed;
  const { values, positionals } = parsed.value;
  const wanted = command.target === undefined ? 0 : 1;
  if (positionals.length !== wanted) {
    return err(`"${command.words.join(" ")}" takes ${command.target ?? "no argument"}.`);
  }
  const fields = readFields(command, values);
  if (!fields.ok) return fields;
  const request = toRequest(command, positionals[0] ?? "", fields.value);
  return ok({ ...request, json: values["json"] === true });
}

function toRequest(
  command: AdminCommand,
  target: string,
  fields: Fields,
): Omit<Extract<AdminCall, { type: "request" }>, "json"> {
  const path = command.path.replace(":target", encodeURIComponent(target));
  if (["POST", "PUT", "PATCH"].includes(command.method)) {
    const { targetField } = command;
    const body = targetField === undefined ? fields : { ...fields, [targetField]: target };
    return { type: "request", command, path, body };
  }
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(fields)) query.set(name, String(value));
  const address = query.size === 0 ? path : `${path}?${query.toString()}`;
  return { type: "request", command, path: address, body: undefined };
}

/** The longest match: `join-token revoke` before `join-token`. */
function findCommand(words: readonly string[]): AdminCommand | undefined {
  return ADMIN_COMMANDS.filter((command) =>
    command.words.every((word, i) => words[i] === word),
  ).toSorted((a, b) => b.words.length - a.words.length)[0];
}

function parseOptions(
  command: AdminCommand,
  args: readonly string[],
): Result<{ values: Record<string, Value>; positionals: string[] }, string> {
  const options: ParseArgsOptionsConfig = { json: { type: "boolean" } };
  for (const [name, { type }] of Object.entries(command.options ?? {})) {
    options[name] = { type: type === "flag" ? "boolean" : "string", multiple: type === "list" };
  }
  try {
    return ok(parseArgs({ args: [...args], options, strict: true, allowPositionals: true }));
  } catch (error) {
    return err(errorText(error));
  }
}

type Fields = Record<string, string | number | boolean | readonly string[]>;

function readFields(
  command: AdminCommand,
  values: Readonly<Record<string, Value>>,
): Result<Fields, string> {
  const fields: Fields = {};
  for (const [name, { field, type }] of Object.entries(command.options ?? {})) {
    const value = values[name];
    if (value === undefined) continue;
    if (type === "number" && !/^\d{1,6}$/.test(String(value))) {
      return err(`--${name} takes a whole number.`);
    }
    fields[field] = type === "number" ? Number(value) : toField(value);
  }
  return ok(fields);
}

function toField(value: Exclude<Value, undefined>): string | boolean | readonly string[] {
  return typeof value === "object" ? value.map(String) : value;
}

export function adminUsage(): string {
  const lines = ADMIN_COMMANDS.map((command) => {
    const { words, target, options = {}, does } = command;
    const taken = Object.entries(options).map(([name, { takes, type }]) => {
      const option = takes === undefined ? `--${name}` : `--${name} ${takes}`;
      return type === "list" ? `[${option}]…` : `[${option}]`;
    });
    const line = [...words, ...(target === undefined ? [] : [target]), ...taken].join(" ");
    return `  ${line}\n      ${does}`;
  });
  return `npm run --silent admin -- COMMAND [--json]

AIMDB_URL is the worker's address, AIMDB_TOKEN the admin token or an access token with aimdb:admin.
--team is for the admin token alone, and needed if there are several teams.

${lines.join("\n")}

Exit codes: 0 done, 1 refused or not reached, 2 wrong use.`;
}
