/** The spans of this isolate, and where they are sent. */
import { waitUntil } from "cloudflare:workers";
import { readOtlpSettings, type OtlpSettings } from "#shared/trace/otlp-settings.ts";
import { SpanQueue } from "#shared/trace/span-queue.ts";
import type { Env } from "../env.ts";
import { logEvent } from "../log.ts";
import { WORKER_VERSION } from "../version.ts";

const TIMEOUT_MS = 5_000;

let queue: SpanQueue | "none" | undefined;

/** Undefined if tracing is off. An isolate has one environment. */
export function spansOf(env: Env): SpanQueue | undefined {
  queue ??= open(env) ?? "none";
  return queue === "none" ? undefined : queue;
}

function open(env: Env): SpanQueue | undefined {
  const settings = readOtlpSettings(env);
  if (!settings.ok) {
    logEvent("error", "traces_not_sent", { reason: settings.error });
    return undefined;
  }
  const { value } = settings;
  if (value === undefined) return undefined;
  return new SpanQueue({
    resource: { "service.name": "aimdb-remote", "service.version": WORKER_VERSION },
    send: (body) => post(value, body),
    wait: (ms) => scheduler.wait(ms),
    hold: waitUntil,
    onLost: (count, reason) => logEvent("warn", "spans_lost", { count, reason }),
  });
}

async function post({ url, headers }: OtlpSettings, body: unknown): Promise<void> {
  const response = await fetch(url, {
    method: "POST",
    headers: { ...headers, "content-type": "application/json" },
    body: JSON.stringify(body),
    redirect: "manual",
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  await response.body?.cancel();
  if (!response.ok) throw new Error(`the collector answered ${response.status}`);
}
