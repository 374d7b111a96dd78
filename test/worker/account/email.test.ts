import { expect, test } from "vitest";
import { emailSchema } from "../../../worker/account/email.ts";

test.each([
  ["Ada@Example.COM", "ada@example.com"],
  ["  ada@example.com\n", "ada@example.com"],
  [`${"a".repeat(242)}@example.com`, `${"a".repeat(242)}@example.com`],
])("emailSchema reads %j as %j", (text, email) => {
  expect(emailSchema.parse(text)).toBe(email);
});

test.each([
  "",
  "ada",
  "@example.com",
  "ada@",
  "a da@example.com",
  "a@b@c",
  "a\u0000@b.c",
  `${"a".repeat(243)}@example.com`,
])("emailSchema refuses %j", (text) => {
  expect(emailSchema.safeParse(text).success).toBe(false);
});
