import { expect, test } from "vitest";
import { planReply } from "../../../../worker/selfhost/simulator/faults.ts";
import type { Faults, ReplyPlan } from "../../../../worker/selfhost/simulator/faults.ts";

const PLAIN: ReplyPlan = { before: [], delayMs: 0, fate: "send" };

test.each<[string, Faults, Partial<ReplyPlan>]>([
  ["sends it without faults", {}, {}],
  ["leaves other replies alone", { swallowReply: 3, cutReply: 1, unansweredMethod: "x" }, {}],
  ["swallows the one of its number", { swallowReply: 2 }, { fate: "swallow" }],
  ["swallows those of a method", { unansweredMethod: "record.set" }, { fate: "swallow" }],
  ["cuts the one of its number", { cutReply: 2 }, { fate: "cut" }],
  ["closes in place of a set's", { closeOnSet: true }, { fate: "close" }],
  ["delays it", { replyDelayMs: 9 }, { delayMs: 9 }],
  ["delays it by method", { replyDelayMs: 9, delayedMethod: "record.set" }, { delayMs: 9 }],
  ["does not delay another method", { replyDelayMs: 9, delayedMethod: "x" }, {}],
  ["puts garbage before it", { garbageLine: { beforeReply: 2, text: "?" } }, { before: ["?"] }],
  ["puts no garbage before others", { garbageLine: { beforeReply: 1, text: "?" } }, {}],
  [
    "puts a long line before it",
    { oversizeLine: { beforeReply: 2, bytes: 3 } },
    { before: ["xxx"] },
  ],
])("the plan for a second reply, to record.set, %s", (_fact, faults, plan) => {
  expect(planReply(faults, { number: 2, method: "record.set" })).toEqual({ ...PLAIN, ...plan });
});
