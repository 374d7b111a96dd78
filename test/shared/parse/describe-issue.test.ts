import { expect, test } from "vitest";
import * as z from "zod/mini";
import { describeIssue } from "#shared/parse/describe-issue.ts";

function describeAll(schema: z.ZodMiniType, input: unknown): string[] {
  const parsed = schema.safeParse(input);
  if (parsed.success) return [];
  return parsed.error.issues.flatMap((issue) => describeIssue(issue, (key) => ` (${key}?)`));
}

const inner = z.strictObject({ min: z.optional(z.number()) });
const schema = z.strictObject({
  name: z.optional(z.string().check(z.minLength(2), z.maxLength(4))),
  count: z.optional(z.number().check(z.int(), z.minimum(1), z.maximum(9))),
  list: z.optional(z.array(z.string()).check(z.minLength(1))),
  mode: z.optional(z.enum(["on", "off"])),
  path: z.optional(z.string().check(z.startsWith("/"))),
  slug: z.optional(z.string().check(z.regex(/^[a-z]+$/))),
  either: z.optional(z.union([z.boolean(), z.literal("local")])),
  entry: z.optional(z.union([z.string(), inner])),
});

test.each<[string, unknown, string[]]>([
  ["a wrong type", { name: 1 }, ["name: must be a string"]],
  ["a list that is none", { list: "a" }, ["list: must be an array"]],
  ["a fraction", { count: 1.5 }, ["count: must be a whole number"]],
  ["a short text", { name: "a" }, ["name: must be at least 2 characters long"]],
  ["a long text", { name: "abcde" }, ["name: must be at most 4 characters long"]],
  ["a small number", { count: 0 }, ["count: must be at least 1"]],
  ["a large number", { count: 10 }, ["count: must be at most 9"]],
  ["an empty list", { list: [] }, ["list: must be at least 1 items long"]],
  ["an item", { list: ["a", 2] }, ["list.1: must be a string"]],
  ["none of the choices", { mode: "auto" }, ['mode: must be one of "on", "off"']],
  ["a relative path", { path: "a" }, ['path: must start with "/"']],
  ["a wrong form", { slug: "A" }, ["slug: has the wrong form"]],
  ["an unknown key", { nmae: "a" }, ["nmae: unknown key (nmae?)"]],
  ["none of two kinds", { either: 3 }, ['either: must be a boolean, or must be one of "local"']],
  ["a mistake in a table", { entry: { min: "1" } }, ["entry.min: must be a number"]],
  ["an unknown key in a table", { entry: { mni: 1 } }, ["entry.mni: unknown key (mni?)"]],
  ["no table at all", 7, ["must be an object"]],
  ["several", { name: 1, count: "x" }, ["name: must be a string", "count: must be a number"]],
])("describeIssue names the place and what is wanted for %s", (_name, input, lines) => {
  expect(describeAll(schema, input)).toEqual(lines);
});

test("describeIssue never repeats the input", () => {
  const secret = "hunter2";
  const inputs = [
    { name: secret },
    { count: secret },
    { list: secret },
    { mode: secret },
    { path: secret },
    { slug: `${secret}!` },
    { either: secret },
    { entry: { min: secret } },
  ];
  expect(inputs.flatMap((input) => describeAll(schema, input)).join("\n")).not.toContain(secret);
});
