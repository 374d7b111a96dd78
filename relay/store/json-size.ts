/** About how many bytes a value takes as JSON, without making the text. Escapes are not counted. */
import { isJsonObject, type JsonValue } from "#shared/json.ts";

const NUMBER_BYTES = 8;

export function jsonSize(value: JsonValue): number {
  if (typeof value === "string") return value.length + 2;
  if (typeof value === "number") return NUMBER_BYTES;
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + jsonSize(item) + 1, 2);
  if (!isJsonObject(value)) return 5;
  let sum = 2;
  for (const [key, item = null] of Object.entries(value)) sum += key.length + 4 + jsonSize(item);
  return sum;
}
