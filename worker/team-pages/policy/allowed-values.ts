/**
 * The values that a field may have, in one line: `low, 5, true, "5"`. What reads as a number or as true or false
 * is one; a text that would be misread is quoted, as in JSON. Pure.
 */
import { err, ok, type Result } from "#shared/result.ts";
import { readNumber } from "./read-number.ts";

export type AllowedValue = string | number | boolean;

/** Quoted, or anything up to the next comma. Linear: no text can be matched in two ways. */
const ITEM = /(\s*"(?:[^"\\]|\\.)*"\s*|[^,"]*)(,|$)/y;

export function readAllowed(text: string): Result<AllowedValue[], string> {
  const values: AllowedValue[] = [];
  const items = new RegExp(ITEM);
  for (let isLast = false; !isLast;) {
    const [, item = "", end] = items.exec(text) ?? [];
    const value = end === undefined ? undefined : readItem(item.trim());
    if (value === undefined) return err(UNREADABLE);
    values.push(value);
    isLast = end === "";
  }
  return ok(values);
}

function readItem(item: string): AllowedValue | undefined {
  if (item === "") return undefined;
  if (!item.startsWith('"')) return readBare(item);
  try {
    const text: unknown = JSON.parse(item);
    return typeof text === "string" ? text : undefined;
  } catch {
    return undefined;
  }
}

function readBare(item: string): AllowedValue {
  if (item === "true" || item === "false") return item === "true";
  return readNumber(item) ?? item;
}

export function printAllowed(values: readonly AllowedValue[]): string {
  return values.map((value) => (isBare(value) ? String(value) : JSON.stringify(value))).join(", ");
}

function isBare(value: AllowedValue): boolean {
  if (typeof value !== "string") return true;
  return /^[\p{L}\p{N}_./:-]+(?: [\p{L}\p{N}_./:-]+)*$/u.test(value) && readBare(value) === value;
}

const UNREADABLE =
  'Put commas between the values, and quotes around a text that has some: low, 5, "a, b".';
