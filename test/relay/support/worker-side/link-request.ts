/** A call as the worker sends it. */
import { randomBytes } from "node:crypto";
import type { Request } from "#shared/link/request.ts";

export function requestOf(more: Partial<Request> = {}): Request {
  return {
    t: "req",
    id: randomBytes(16).toString("hex"),
    instance: "boiler",
    principal: "ann",
    deadline_ms: 15_000,
    method: "record.get",
    params: { record: "a" },
    ...more,
  };
}

export function setOf(n: number, more: Partial<Request> = {}): Request {
  const params = { record: "a", value: { n }, not_after_ms: 25_000 };
  return requestOf({ method: "record.set", params, ...more });
}

/** Waits for more samples than come, until its wait or the call ends. */
export function waitOf(wait_ms: number, more: Partial<Request> = {}): Request {
  const params = { record: "r", wait_ms, max_samples: 1_000, max_bytes: 100_000 };
  return requestOf({ method: "samples.read", params, deadline_ms: 30_000, ...more });
}
