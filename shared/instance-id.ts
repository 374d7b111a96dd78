/** `<relay>/<name>`: what callers call an instance. */
import * as z from "zod/mini";

const MAX_NAME_LENGTH = 40;
const NAME = /^[a-z0-9-]{1,40}$/;

export interface InstanceId {
  readonly relay: string;
  readonly name: string;
}

/** Of relays and instances alike. */
export const nameSchema = z.string().check(z.regex(NAME));

/** True for relay ids and instance names alike. */
export function isName(text: string): boolean {
  return NAME.test(text);
}

export function formatInstanceId({ relay, name }: InstanceId): string {
  return `${relay}/${name}`;
}

export function parseInstanceId(text: string): InstanceId | undefined {
  const [relay, name, ...rest] = text.split("/");
  if (relay === undefined || name === undefined || rest.length > 0) return undefined;
  return isName(relay) && isName(name) ? { relay, name } : undefined;
}

/** Any text as a name: other characters become `-`; `fallback` if nothing is left. */
export function toName(text: string, fallback: string): string {
  const name = text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .slice(0, MAX_NAME_LENGTH)
    .replaceAll(/^-+|-+$/g, "");
  return name === "" ? fallback : name;
}

/** `name`, or `name-2`, `name-3`, … : the first that is free, never longer than a name may be. */
export function firstFreeName(name: string, isTaken: (name: string) => boolean): string {
  let candidate = name;
  for (let n = 2; isTaken(candidate); n += 1) {
    const suffix = `-${n}`;
    candidate = name.slice(0, MAX_NAME_LENGTH - suffix.length) + suffix;
  }
  return candidate;
}
