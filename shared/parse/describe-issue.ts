/** What is wrong with an input, for the person or model that made it. Never repeats the input. */
import type * as z from "zod/mini";

type Issue = z.core.$ZodIssue;

/** Lines like `celsius.min: must be a number`; `knownKeys` serve to name what a typo meant. */
export function describeIssue(issue: Issue, didYouMean: (key: string) => string): string[] {
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => `${placeOf([...issue.path, key])}unknown key${didYouMean(key)}`);
  }
  if (issue.code === "invalid_union") return describeUnion(issue, didYouMean);
  return [placeOf(issue.path) + describeProblem(issue)];
}

function placeOf(path: readonly PropertyKey[]): string {
  return path.length === 0 ? "" : `${path.map(String).join(".")}: `;
}

/** Where a string or a table may stand, what is wrong inside the table says most. */
function describeUnion(
  issue: z.core.$ZodIssueInvalidUnion,
  didYouMean: (key: string) => string,
): string[] {
  const inside = issue.errors
    .flat()
    .filter(({ path, code }) => path.length > 0 || code === "unrecognized_keys")
    .map((inner): Issue => ({ ...inner, path: [...issue.path, ...inner.path] }));
  if (inside.length > 0) return inside.flatMap((inner) => describeIssue(inner, didYouMean));
  const wanted = issue.errors.flat().map(describeProblem);
  return [placeOf(issue.path) + [...new Set(wanted)].join(", or ")];
}

function describeProblem(issue: Issue): string {
  switch (issue.code) {
    case "invalid_type":
      return `must be ${article(issue.expected)}`;
    case "invalid_value":
      return `must be one of ${issue.values.map((value) => JSON.stringify(value)).join(", ")}`;
    case "too_small":
      return `must be at least ${issue.minimum}${unitOf(issue.origin)}`;
    case "too_big":
      return `must be at most ${issue.maximum}${unitOf(issue.origin)}`;
    case "invalid_format":
      return issue.format === "starts_with" && "prefix" in issue
        ? `must start with "${String(issue.prefix)}"`
        : "has the wrong form";
    default:
      return "is not valid";
  }
}

function article(type: string): string {
  if (type === "int") return "a whole number";
  return /^[aeiou]/.test(type) ? `an ${type}` : `a ${type}`;
}

function unitOf(origin: string): string {
  if (origin === "string") return " characters long";
  return origin === "array" ? " items long" : "";
}
