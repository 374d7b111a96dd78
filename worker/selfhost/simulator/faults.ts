/**
 * What can be made to go wrong, and what that does to one reply. Replies are counted for each
 * connection from 1; the answer to the hello and pongs are replies, events are not.
 */

export type Faults = {
  /** Accepts connections and what is sent on them, and works on none of it until this is lifted. */
  readonly hang?: boolean;
  /** A line that is half received when an event is sent loses that half, as on real hosts. */
  readonly dropHalfLines?: boolean;
  /** Each reply waits this long, and everything after it on its connection waits too. */
  readonly replyDelayMs?: number;
  /** Limits the delay to the replies of this method. */
  readonly delayedMethod?: string;
  /** Requests of this method are carried out but not answered. */
  readonly unansweredMethod?: string;
  /** The reply of this number is carried out but not sent. */
  readonly swallowReply?: number;
  /** Half of the reply of this number is sent, then the connection ends. */
  readonly cutReply?: number;
  /** A `record.set` is carried out, then the connection closes without a reply. */
  readonly closeOnSet?: boolean;
  /** A line of this many bytes before the reply of this number. */
  readonly oversizeLine?: { readonly beforeReply: number; readonly bytes: number };
  /** Something that is no JSON before the reply of this number. */
  readonly garbageLine?: { readonly beforeReply: number; readonly text: string };
};

export type ReplyPlan = {
  /** Lines to send before it. */
  readonly before: readonly string[];
  readonly delayMs: number;
  readonly fate: "send" | "swallow" | "cut" | "close";
};

export type Reply = { readonly number: number; readonly method: string };

export function planReply(faults: Faults, { number, method }: Reply): ReplyPlan {
  const { oversizeLine, garbageLine, delayedMethod = method, replyDelayMs = 0 } = faults;
  const before: string[] = [];
  if (oversizeLine?.beforeReply === number) before.push("x".repeat(oversizeLine.bytes));
  if (garbageLine?.beforeReply === number) before.push(garbageLine.text);
  return {
    before,
    delayMs: delayedMethod === method ? replyDelayMs : 0,
    fate: fateOf(faults, { number, method }),
  };
}

function fateOf(faults: Faults, { number, method }: Reply): ReplyPlan["fate"] {
  if (faults.closeOnSet === true && method === "record.set") return "close";
  if (faults.unansweredMethod === method || faults.swallowReply === number) return "swallow";
  return faults.cutReply === number ? "cut" : "send";
}
