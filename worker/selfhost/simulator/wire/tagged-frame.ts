/** The frames of AimX v2 and v3: one flat object, told apart by `t`. */

import { readStruct } from "../json/struct-reader.ts";
import type { Field, Fields, StructSpec } from "../json/struct-reader.ts";
import { objectText } from "../json/text.ts";

export type InboundFrame =
  | {
      readonly t: "req";
      readonly id: bigint;
      readonly method: string;
      /** JSON text. */
      readonly params: string;
    }
  | { readonly t: "sub"; readonly id: bigint; readonly topic: string }
  | { readonly t: "unsub"; readonly sub: string }
  | { readonly t: "write"; readonly topic: string; readonly payload: string }
  | { readonly t: "ping" };

export type ErrorCode = "not_found" | "denied" | "internal" | "version_mismatch";

/** Hosts borrow the plain strings from the line, which an escape in them makes impossible. */
const FRAME: StructSpec = {
  name: "Frame",
  shortList: true,
  fields: new Map<string, Field>([
    ["t", { type: "plain" }],
    ["id", { type: "u64", optional: true }],
    ["seq", { type: "u64", optional: true }],
    ["last", { type: "bool", optional: true }],
    ["method", { type: "plain", optional: true }],
    ["topic", { type: "plain", optional: true }],
    ["sub", { type: "plain", optional: true }],
    ["params", { type: "raw", optional: true }],
    ["payload", { type: "raw", optional: true }],
    ["data", { type: "raw", optional: true }],
    ["ok", { type: "raw", optional: true }],
    ["err", { type: "plain", optional: true }],
  ]),
};

/** `undefined` for everything that hosts skip without a word. */
export function readFrame(line: string): InboundFrame | undefined {
  const fields = readStruct(line, FRAME);
  return fields.ok ? frameOf(fields.value) : undefined;
}

export function replyText(id: bigint, okText: string): string {
  return `{"t":"reply","id":${id},"ok":${okText}}`;
}

export function errorText(id: bigint, code: ErrorCode): string {
  return `{"t":"reply","id":${id},"err":"${code}"}`;
}

export const PONG = '{"t":"pong"}';

export type Push = {
  readonly t: "event" | "snap";
  readonly sub: string;
  readonly seq: number;
  readonly topic?: string | undefined;
  readonly isLast?: boolean;
  /** JSON text. */
  readonly data: string;
};

export function pushText({ t, sub, seq, topic, isLast = false, data }: Push): string {
  const last: [string, string][] = isLast ? [["last", "true"]] : [];
  const tagged: [string, string][] = topic === undefined ? [] : [["topic", JSON.stringify(topic)]];
  return objectText([
    ["t", `"${t}"`],
    ["seq", String(seq)],
    ...last,
    ...tagged,
    ["sub", JSON.stringify(sub)],
    ["data", data],
  ]);
}

function frameOf(fields: Fields): InboundFrame | undefined {
  switch (fields.text("t")) {
    case "req":
      return requestOf(fields);
    case "sub":
      return subscribeOf(fields);
    case "unsub": {
      const sub = fields.text("sub");
      return sub === undefined ? undefined : { t: "unsub", sub };
    }
    case "write": {
      const topic = fields.text("topic");
      const payload = fields.text("payload") ?? "null";
      return topic === undefined ? undefined : { t: "write", topic, payload };
    }
    case "ping":
      return { t: "ping" };
    default:
      return undefined;
  }
}

function requestOf(fields: Fields): InboundFrame | undefined {
  const id = fields.integer("id");
  const method = fields.text("method");
  const params = fields.text("params") ?? "null";
  return id === undefined || method === undefined ? undefined : { t: "req", id, method, params };
}

function subscribeOf(fields: Fields): InboundFrame | undefined {
  const id = fields.integer("id");
  const topic = fields.text("topic");
  return id === undefined || topic === undefined ? undefined : { t: "sub", id, topic };
}
