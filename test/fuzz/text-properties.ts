/** Texts that people, clients and files bring: the device's file, JSON to be bounded, addresses. */
import fc from "fast-check";
import { parseInstanceId } from "#shared/instance-id.ts";
import { brokenBound, type JsonBounds } from "#shared/json/json-bounds.ts";
import { parseJson } from "#shared/json/json.ts";
import { parseResourceUri } from "#shared/mcp/resources/resource-uri.ts";
import { parseWatchCursor } from "#shared/fleet/watch-cursor.ts";
import { parseConfig } from "../../relay/config.ts";
import { printAllowed, readAllowed } from "../../worker/team-pages/policy/allowed-values.ts";
import { anyText } from "./mutations.ts";
import { property, type Property } from "./property.ts";

const CONFIGS = [
  'allowed_sockets = ["/tmp/*.sock"]\nconfirm_writes = "local"\nrate_limit = 5\n',
  `writable_records = ["a.*", { record = "config", instance = "plant", max_per_minute = 2,
    fields = { "celsius" = { min = -40, max = 85.5, max_change = 5 }, "mode" = { enum = ["on", 1, true] } } }]
hidden_records = ["secret.*"]
audit_log = "/var/log/aimdb.jsonl"
`,
  "[[writable_records]]\nrecord = 'a'\nassume_no_producer = true\n",
];

const JSON_TEXTS = [
  '{"a":[1,2,{"b":"\\"[{"}],"c":{"d":{"e":null}}}',
  '[[[["deep"]]],{"k":1,"l":2,"m":3,"n":4,"o":5}]',
  '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"get_record"}}',
];
const BOUNDS: JsonBounds = { maxDepth: 4, maxKeys: 5, maxItems: 6 };

const ADDRESSES = [
  "aimdb://instances",
  "aimdb://gw-1/plant/record/sensor.temp",
  "aimdb://gw-1/plant/schema/a%2Fb%20c",
  "aimdb:///tmp/aimdb%20demo.sock/record/a",
  "aimdb:///tmp/x.sock/metrics",
  "gw-1/plant",
  "e.0:17",
];

const ALLOWED = [
  "low, high, 5, true",
  String.raw`"a, b", "5", "say \"hi\"", -1.5e3, 007`,
  ' ,\t"", höher',
];

/** Beside what it repeats of the file. */
const MAX_PROBLEM_LENGTH = 1_000;

export const TEXT_PROPERTIES: readonly Property[] = [
  property(
    "parseConfig takes any file or names what is wrong",
    { inputs: anyText(CONFIGS), runs: 1_500 },
    (text) => {
      const parsed = parseConfig(text);
      if (parsed.ok) return;
      const lengths = parsed.error.map(({ length }) => length);
      if (lengths.length === 0 || Math.max(...lengths) > MAX_PROBLEM_LENGTH + text.length) {
        throw new Error(`Problems of ${lengths.join()} characters`);
      }
    },
  ),
  property(
    "readAllowed reads back what printAllowed made of any text's values",
    { inputs: anyText(ALLOWED), runs: 2_500 },
    (text) => {
      const read = readAllowed(text);
      if (!read.ok) return;
      const again = readAllowed(printAllowed(read.value));
      if (!again.ok || JSON.stringify(again.value) !== JSON.stringify(read.value)) {
        throw new Error("Other values");
      }
    },
  ),
  property(
    "brokenBound judges any text that is JSON as its value would be judged",
    { inputs: anyText(JSON_TEXTS), runs: 2_500 },
    (text) => {
      const broken = brokenBound(text, BOUNDS);
      const value = jsonOf(text);
      // An object may name a key twice: that counts twice in the text and once in the value.
      if (value !== undefined && broken === undefined && !isWithin(value.json, BOUNDS.maxDepth)) {
        throw new Error("It let through what is out of bounds");
      }
    },
  ),
  property(
    "parseJson reads any text as JSON.parse does, or refuses",
    { inputs: anyText(JSON_TEXTS), runs: 2_500 },
    (text) => {
      const value = jsonOf(text);
      try {
        parseJson(text);
      } catch (error) {
        if (!(error instanceof SyntaxError)) throw error;
        if (value !== undefined && isWithin(value.json, 100)) throw error;
        return;
      }
      if (value === undefined && /\d{16}/.exec(text) === null) throw new Error("It read no JSON");
    },
  ),
  property(
    "addresses, ids and cursors of any form are read or refused",
    { inputs: fc.oneof(anyText(ADDRESSES), fc.webUrl(), fc.string()), runs: 2_500 },
    (text) => {
      const address = parseResourceUri(text);
      if (address !== undefined && !text.startsWith("aimdb://")) throw new Error("Not an address");
      parseInstanceId(text);
      parseWatchCursor(text);
    },
  ),
];

function jsonOf(text: string): { readonly json: unknown } | undefined {
  try {
    return { json: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

function isWithin(value: unknown, depth: number): boolean {
  if (typeof value !== "object" || value === null) return true;
  if (depth === 0) return false;
  const items: unknown[] = Object.values(value);
  const isWide = items.length > (Array.isArray(value) ? BOUNDS.maxItems : BOUNDS.maxKeys);
  return (depth > BOUNDS.maxDepth || !isWide) && items.every((item) => isWithin(item, depth - 1));
}
