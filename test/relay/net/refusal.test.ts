import { expect, test } from "vitest";
import { needsOperator } from "../../../relay/needs-operator.ts";
import { refusedWith } from "../../../relay/net/refusal.ts";

test.each([400, 401, 403, 409, 410, 413])("refusedWith needs a person after %d", (status) => {
  let thrown: unknown;
  try {
    refusedWith(status, "No.");
  } catch (error) {
    thrown = error;
  }
  expect(needsOperator(thrown)).toBe(true);
});

test.each([423, 429, 500, 503])("refusedWith lets %d be tried again", (status) => {
  expect(refusedWith(status, "Later.")).toEqual({ ok: false, error: "Later." });
});
