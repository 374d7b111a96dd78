/** The part of JSON Schema that an inferred one uses, to check values against it. */
import { isJsonObject, type JsonValue } from "#shared/json/json.ts";

export function accepts(schema: JsonValue | undefined, value: JsonValue): boolean {
  if (!isJsonObject(schema)) return true;
  const { type, properties, required, items } = schema;
  if (type !== undefined && !typesOf(type).some((name) => isOfType(name, value))) return false;
  if (Array.isArray(value)) return value.every((item: JsonValue) => accepts(items, item));
  if (!isJsonObject(value)) return true;
  const names = Array.isArray(required) ? required : [];
  if (names.some((name) => !Object.hasOwn(value, String(name)))) return false;
  return Object.entries(isJsonObject(properties) ? properties : {}).every(
    ([name, field]) => !Object.hasOwn(value, name) || accepts(field, value[name] ?? null),
  );
}

function typesOf(type: JsonValue): JsonValue[] {
  return Array.isArray(type) ? [...type] : [type];
}

function isOfType(name: JsonValue, value: JsonValue): boolean {
  switch (name) {
    case "null":
      return value === null;
    case "integer":
      return Number.isInteger(value);
    case "array":
      return Array.isArray(value);
    case "object":
      return isJsonObject(value);
    default:
      return typeof value === name;
  }
}
