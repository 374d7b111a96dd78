/** What is wrong with a call's arguments, and how to correct it. */
import type * as z from "zod/mini";
import { describeIssue } from "../../parse/describe-issue.ts";
import { failure, type Failure } from "../../failure.ts";
import { isJsonObject } from "../../json/json.ts";
import { presentableText } from "../answers/presentable.ts";

type Issue = z.core.$ZodIssue;

const MAX_UNKNOWN = 5;
const MAX_NAME_LENGTH = 40;

export function invalidArguments(
  issues: readonly Issue[],
  given: unknown,
  known: readonly string[],
): Failure {
  const problems = issues.flatMap((issue) => {
    if (isUnknown(issue)) return issue.keys.slice(0, MAX_UNKNOWN).map(describeUnknown);
    return isMissing(issue, given) ? describeMissing(issue) : describeIssue(issue, () => "");
  });
  const list = issues.some(isUnknown) ? ` The arguments are: ${known.join(", ")}.` : "";
  return failure("invalid_input", `Invalid arguments. ${problems.join("; ")}.${list}`);
}

/** Ignored, a misspelt `dry_run` would write, and a misspelt span would answer for another. */
function isUnknown(issue: Issue): issue is z.core.$ZodIssueUnrecognizedKeys {
  return issue.code === "unrecognized_keys" && issue.path.length === 0;
}

function describeUnknown(key: string): string {
  return `${presentableText(key, MAX_NAME_LENGTH)}: there is no such argument`;
}

function describeMissing(issue: Issue): string {
  const wanted = describeIssue({ ...issue, path: [] }, () => "");
  return `${issue.path.join(".")}: is missing, ${wanted.join(", ")}`;
}

function isMissing({ path }: Issue, given: unknown): boolean {
  const [name] = path;
  if (path.length !== 1 || typeof name !== "string") return false;
  return !isJsonObject(given) || given[name] === undefined;
}
