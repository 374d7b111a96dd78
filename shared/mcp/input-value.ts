/** What no argument of a tool may hold, whatever it is for. */
import { isJsonObject, type JsonValue } from "../json.ts";

const DANGEROUS_KEYS = new Set(["__proto__", "constructor", "prototype"]);

/** C0 controls but tab, line feed and carriage return. */
// eslint-disable-next-line no-control-regex -- control characters are what is looked for
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f]/;

/** Why the input is refused; undefined if it is not. Depth and count are bounded before. */
export function refusalOfInput(value: JsonValue): string | undefined {
  if (typeof value === "number") return refusalOfNumber(value);
  if (typeof value === "string") return refusalOfText(value);
  if (Array.isArray(value)) return firstRefusal(value);
  if (!isJsonObject(value)) return undefined;
  const keys = Object.keys(value);
  if (keys.some((key) => DANGEROUS_KEYS.has(key))) {
    return "An argument has a field named __proto__, constructor or prototype.";
  }
  return firstRefusal(keys) ?? firstRefusal(Object.values(value).map((item) => item ?? null));
}

function firstRefusal(values: readonly JsonValue[]): string | undefined {
  for (const value of values) {
    const refusal = refusalOfInput(value);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

/** Reading the request has rounded it already. */
function refusalOfNumber(value: number): string | undefined {
  return Number.isInteger(value) && !Number.isSafeInteger(value)
    ? "An argument has an integer beyond ±(2^53 − 1), which JSON clients do not keep exact."
    : undefined;
}

function refusalOfText(text: string): string | undefined {
  return CONTROL.test(text) ? "An argument has a text with control characters." : undefined;
}
