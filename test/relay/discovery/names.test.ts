import fc from "fast-check";
import { expect, test } from "vitest";
import { isName } from "#shared/instance-id.ts";
import { assignNames } from "../../../relay/discovery/names.ts";

function namesOf(paths: string[], remembered: [string, string][] = []): Record<string, string> {
  return Object.fromEntries(assignNames(paths, new Map(remembered)));
}

test.each([
  ["/tmp/boiler.sock", "boiler"],
  ["/tmp/Boiler House_2.sock", "boiler-house-2"],
  ["/tmp/boiler", "boiler"],
  ["/tmp/boiler.sock.sock", "boiler-sock"],
  ["/tmp/.sock", "aimdb"],
  ["/tmp/温度.sock", "aimdb"],
])("assignNames calls %s %s", (path, name) => {
  expect(namesOf([path])).toEqual({ [path]: name });
});

test("assignNames gives a name that two want to the shorter path", () => {
  expect(namesOf(["/var/run/aimdb/a.sock", "/tmp/a.sock"])).toEqual({
    "/tmp/a.sock": "a",
    "/var/run/aimdb/a.sock": "a-2",
  });
});

test("assignNames goes by the alphabet between paths of one length", () => {
  expect(namesOf(["/b/a.sock", "/a/a.sock", "/c/a.sock"])).toEqual({
    "/a/a.sock": "a",
    "/b/a.sock": "a-2",
    "/c/a.sock": "a-3",
  });
});

test("assignNames never takes a name from a path that has it", () => {
  expect(namesOf(["/a.sock", "/longer/a.sock"], [["/longer/a.sock", "a"]])).toEqual({
    "/longer/a.sock": "a",
    "/a.sock": "a-2",
  });
});

test("assignNames keeps the names of paths that are away", () => {
  expect(namesOf(["/b/a.sock"], [["/a/a.sock", "a"]])).toEqual({
    "/a/a.sock": "a",
    "/b/a.sock": "a-2",
  });
});

test("assignNames does not change what it was given", () => {
  const remembered = new Map([["/a.sock", "a"]]);
  assignNames(["/b.sock"], remembered);
  expect(remembered).toEqual(new Map([["/a.sock", "a"]]));
});

test("assignNames gives each path one name of its own, whatever the order", () => {
  const file = fc.stringMatching(/^[aA.-]{0,3}$/);
  const paths = fc.uniqueArray(
    fc.tuple(fc.constantFrom("/", "/x/"), file).map(([folder, name]) => `${folder}${name}.sock`),
  );
  fc.assert(
    fc.property(paths, (paths) => {
      const names = namesOf(paths);
      expect(Object.values(names).every(isName)).toBe(true);
      expect(new Set(Object.values(names)).size).toBe(paths.length);
      expect(namesOf(paths.toReversed())).toEqual(names);
      expect(namesOf(paths, Object.entries(names))).toEqual(names);
    }),
  );
});
