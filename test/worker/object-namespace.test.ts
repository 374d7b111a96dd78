import { expect, test } from "vitest";
import { toObjectId } from "../../worker/object-namespace.ts";
import { newObjectId } from "./support/objects.ts";
import { bindings } from "./support/worker.ts";

test("toObjectId() finds an id that its namespace made", () => {
  const id = newObjectId("TEAM");

  expect(toObjectId(bindings.TEAM, id)?.toString()).toBe(id);
});

test.each([
  { name: "another namespace's id", idOf: () => newObjectId("RELAY") },
  { name: "an id with a digit changed", idOf: () => changed(newObjectId("TEAM")) },
  { name: "an id with a digit behind it", idOf: () => `${newObjectId("TEAM")}0` },
  { name: "an invented id", idOf: () => "ab".repeat(32) },
  { name: "an empty text", idOf: () => "" },
])("toObjectId() has nothing for $name", ({ idOf }) => {
  expect(toObjectId(bindings.TEAM, idOf())).toBeUndefined();
});

function changed(id: string): string {
  return id.slice(0, -1) + (id.endsWith("0") ? "1" : "0");
}
