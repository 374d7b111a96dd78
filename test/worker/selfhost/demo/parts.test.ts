import { expect, test } from "vitest";
import { Parts } from "../../../../worker/selfhost/demo/parts.ts";

function part(name: string, ended: string[]) {
  return {
    stop: async () => {
      ended.push(name);
    },
  };
}

test("Parts end in the reverse order of their start, once", async () => {
  const ended: string[] = [];
  const parts = new Parts();
  await parts.add(part("first", ended));
  await parts.add(part("second", ended));

  await parts.stop();
  await parts.stop();

  expect(ended).toEqual(["second", "first"]);
});

test("Parts end at once what comes after the end", async () => {
  const ended: string[] = [];
  const parts = new Parts();
  await parts.stop();

  await parts.add(part("late", ended));

  expect(ended).toEqual(["late"]);
});
