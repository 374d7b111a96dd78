import { describe, expect, test } from "vitest";
import type { Reply } from "#shared/link/request.ts";
import { PendingCalls } from "../../../worker/relay/pending.ts";

const LONG_MS = 60_000;

function reply(id: string, instance = "plant"): Reply {
  return { t: "reply", id, instance, ok: id };
}

describe("PendingCalls", () => {
  test("gives each call its own reply [R-4]", async () => {
    const pending = new PendingCalls();
    const [a, b] = [pending.wait("a", "plant", LONG_MS), pending.wait("b", "plant", LONG_MS)];

    expect([pending.settle(reply("b")), pending.settle(reply("a"))]).toEqual([true, true]);
    expect([await a, await b]).toEqual([
      { type: "reply", reply: reply("a") },
      { type: "reply", reply: reply("b") },
    ]);
    expect(pending.size).toBe(0);
  });

  test("takes no reply twice [R-5]", async () => {
    const pending = new PendingCalls();
    const call = pending.wait("a", "plant", LONG_MS);
    pending.settle(reply("a"));

    expect(pending.settle(reply("a"))).toBe(false);
    await call;
  });

  test.each([reply("b"), reply("a", "other")])(
    "takes no reply with id $id of instance $instance [R-4]",
    async (stray) => {
      const pending = new PendingCalls();
      const call = pending.wait("a", "plant", LONG_MS);

      expect(pending.settle(stray)).toBe(false);
      expect(pending.size).toBe(1);
      pending.settle(reply("a"));
      expect(await call).toMatchObject({ type: "reply" });
    },
  );

  test("ends a call at its deadline and takes no reply after it [R-5]", async () => {
    const pending = new PendingCalls();

    expect(await pending.wait("a", "plant", 5)).toEqual({ type: "deadline" });
    expect(pending.size).toBe(0);
    expect(pending.settle(reply("a"))).toBe(false);
  });

  test("loses all calls at once", async () => {
    const pending = new PendingCalls();
    const calls = ["a", "b"].map((id) => pending.wait(id, "plant", LONG_MS));

    pending.loseAll();

    expect(await Promise.all(calls)).toEqual([{ type: "lost" }, { type: "lost" }]);
    expect(pending.size).toBe(0);
  });
});
