/** The first exchange on a connection: which AimX version is this, if it is AimX at all. */
import { isJsonObject, parseJson, type JsonObject, type JsonValue } from "../json/json.ts";
import type { Dialect } from "./dialect.ts";
import { aimx2, aimx3 } from "./tagged.ts";
import { aimx1 } from "./v1.ts";
import { parseWelcome, type Welcome } from "./welcome.ts";

/**
 * `hybrid` is one line that every known version accepts. The other two are for a host that closed
 * without a word: a later version may refuse fields it does not know.
 */
export type HelloForm = "hybrid" | "tagged" | "plain";

const HELLO_ID = 1;

export function helloLine(form: HelloForm, client: string): string {
  const plain = { version: "1.0", client };
  const tagged = { t: "req", id: HELLO_ID, method: "hello", params: { version: "3.0", client } };
  const forms = { hybrid: { ...tagged, ...plain }, tagged, plain };
  return `${JSON.stringify(forms[form])}\n`;
}

export type Greeting =
  | { readonly type: "welcome"; readonly dialect: Dialect; readonly welcome: Welcome }
  | { readonly type: "refused"; readonly reason: RefusalReason; readonly message: string }
  | { readonly type: "foreign" };

export type RefusalReason = "unknown_version" | "token_required" | "token_wrong";

/** Reads the first line a host sends. */
export function readGreeting(line: string): Greeting {
  let value: JsonValue;
  try {
    value = parseJson(line);
  } catch {
    return { type: "foreign" };
  }
  if (!isJsonObject(value)) return { type: "foreign" };
  return value["t"] === undefined ? readPlain(value) : readTagged(value);
}

const TAGGED_DIALECTS: ReadonlyMap<string, Dialect> = new Map([
  ["2", aimx2],
  ["3", aimx3],
]);

function readTagged(frame: JsonObject): Greeting {
  if (frame["t"] !== "reply" || frame["id"] !== HELLO_ID) return { type: "foreign" };
  if (frame["err"] === "version_mismatch") return unknownVersion("a later one than 3");
  const welcome = parseWelcome(frame["ok"]);
  if (welcome === undefined) return { type: "foreign" };
  const dialect = TAGGED_DIALECTS.get(majorOf(welcome.protocolVersion));
  if (dialect === undefined) return unknownVersion(welcome.protocolVersion);
  return { type: "welcome", dialect, welcome };
}

function majorOf(version: string): string {
  return version.split(".", 1)[0] ?? "";
}

function unknownVersion(version: string): Greeting {
  return {
    type: "refused",
    reason: "unknown_version",
    message: `The host speaks AimX ${version.slice(0, 20)}; this relay speaks 1, 2 and 3. Update the relay.`,
  };
}

const PLAIN_REFUSALS: ReadonlyMap<string, readonly [RefusalReason, string]> = new Map([
  ["unsupported_version", ["unknown_version", "The host does not speak AimX 1.0."]],
  ["authentication_required", ["token_required", "The host asks for an AimX auth token."]],
  ["authentication_failed", ["token_wrong", "The host did not accept the AimX auth token."]],
]);

function readPlain(value: JsonObject): Greeting {
  const { error } = value;
  if (typeof error === "string") {
    const [reason, message] = PLAIN_REFUSALS.get(error) ?? [];
    return reason === undefined || message === undefined
      ? { type: "foreign" }
      : { type: "refused", reason, message };
  }
  const welcome = parseWelcome(value);
  if (welcome === undefined) return { type: "foreign" };
  if (majorOf(welcome.protocolVersion) !== "1") return unknownVersion(welcome.protocolVersion);
  return { type: "welcome", dialect: aimx1, welcome };
}
