import { expect, test } from "vitest";
import { EXIT } from "../../relay/exit-code.ts";

test("EXIT keeps the numbers that scripts and service managers know", () => {
  expect(EXIT).toEqual({ ok: 0, failed: 1, usage: 2, needsOperator: 78 });
});
