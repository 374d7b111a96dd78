/** W3C `tracestate`: what a trace's vendors pass to each other, forwarded as it came. Pure. */

/** https://www.w3.org/TR/trace-context-2/ §3.3: everybody should pass on at least this much. */
export const MAX_TRACESTATE_LENGTH = 512;
const MAX_MEMBERS = 32;

/** A key, and a text of printable ASCII without commas and equals signs that does not end in a blank. */
const MEMBER =
  /^([a-z0-9][a-z0-9_\-*/@]{0,255})=[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]$/;

/** Undefined for the whole if any of it is invalid: a part could mean something else. */
export function parseTracestate(text: unknown): string | undefined {
  if (typeof text !== "string" || text.length > MAX_TRACESTATE_LENGTH) return undefined;
  const members = text.split(",").map((member) => member.replaceAll(/^[ \t]+|[ \t]+$/g, ""));
  const named = members.filter((member) => member !== "");
  const keys = named.map((member) => MEMBER.exec(member)?.[1]);
  const isOne =
    keys.length > 0 &&
    keys.length <= MAX_MEMBERS &&
    !keys.includes(undefined) &&
    new Set(keys).size === keys.length;
  return isOne ? text : undefined;
}
