import { expect, test } from "vitest";
import { after } from "../../../../worker/after.ts";
import { WriteCompany } from "../../../../worker/relay/writes/write-company.ts";

function turnEnds(): Promise<void> {
  return new Promise((resolve) => {
    after(0, resolve);
  });
}

test("a write that is alone waits for nobody", async () => {
  const company = new WriteCompany();
  const seen: string[] = [];

  const only = company.during(async () => {
    await company.gather();
    seen.push("goes on");
  });
  const turn = turnEnds().then(() => seen.push("the turn ends"));
  await Promise.all([only, turn]);

  expect(seen).toEqual(["goes on", "the turn ends"]);
});

test("those that come while another is in progress continue in one turn", async () => {
  const company = new WriteCompany();
  const seen: string[] = [];
  let end = () => {};
  const first = company.during(
    () =>
      new Promise<void>((resolve) => {
        end = resolve;
      }),
  );

  const others = ["a", "b", "c"].map((name) =>
    company.during(async () => {
      await company.gather();
      // Whatever comes behind a turn comes behind all of them.
      void turnEnds().then(() => seen.push("the turn ends"));
      seen.push(name);
    }),
  );
  await Promise.all(others);
  await turnEnds();
  end();
  await first;

  expect(seen.slice(0, 3)).toEqual(["a", "b", "c"]);
});
