import { describe, expect, test } from "vitest";
import { ReadAsks } from "../../../../worker/mcp/calls/read-asks.ts";
import type { Asks, Failed } from "../../../../worker/relay/rpc.ts";

const failure = { code: "unauthenticated", message: "Outdated." } as const;
const UNASKED: Failed = { ok: false, outdated: "rights", failure };
const MEANWHILE: Failed = { ...UNASKED, wasAsked: true };

async function takeAll(answer: Failed | Error, times: number): Promise<(Asks | "none")[]> {
  const asks = new ReadAsks();
  const given: (Asks | "none")[] = [];
  for (let n = 0; n < times; n += 1) {
    const before = given.length;
    const taken = asks.take((left) => {
      given.push(left);
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    });
    await Promise.allSettled([taken]);
    if (given.length === before) given.push("none");
  }
  return given;
}

describe("ReadAsks", () => {
  test("allows three in all, whether objects are reset or rights change meanwhile", async () => {
    expect(await takeAll(new Error("reset"), 3)).toEqual([2, 1, "none"]);
    expect(await takeAll(MEANWHILE, 3)).toEqual([2, 1, "none"]);
  });

  test("does not count what was refused before the device was asked", async () => {
    expect(await takeAll(UNASKED, 3)).toEqual([2, 2, 2]);
  });

  test.each<[string, Failed | Error, string]>([
    ["was lost, where its object was reset", new Error("reset"), "internal"],
    ["may not be made, where its caller's rights changed under it", MEANWHILE, "unauthenticated"],
  ])("says of a read that has none left that it %s", async (_, answer, code) => {
    const asks = new ReadAsks(1);
    const first = asks.take(() =>
      answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer),
    );
    await Promise.allSettled([first]);

    expect(await asks.take(() => Promise.resolve({ ok: true as const }))).toEqual({
      ok: false,
      failure: expect.objectContaining({ code }),
    });
  });
});
