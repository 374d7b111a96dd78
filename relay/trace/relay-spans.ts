/** This relay's spans, and where they go, which OpenTelemetry's own variables say. */
import { randomBytes } from "node:crypto";
import { err, ok, type Result } from "#shared/result.ts";
import { readOtlpSettings, type OtlpSettings } from "#shared/trace/otlp-settings.ts";
import { SpanQueue } from "#shared/trace/span-queue.ts";
import type { Clock } from "../clock.ts";
import type { Environment } from "../environment.ts";
import type { NetOptions } from "../net/agent.ts";
import { postJson } from "../net/post-json.ts";
import { RELAY_VERSION } from "../version.ts";
import { ServedSpans } from "./served-spans.ts";

export interface RelaySpansParts {
  readonly relay: string;
  readonly environment: Environment;
  readonly clock: Clock;
  readonly net: NetOptions;
}

/** Undefined if none are wanted; the error is for the operator. */
export function openRelaySpans({
  relay,
  environment,
  clock,
  net,
}: RelaySpansParts): Result<ServedSpans | undefined, string> {
  const { variables, log } = environment;
  const settings = readOtlpSettings(variables);
  if (!settings.ok) return err(settings.error);
  const { value } = settings;
  if (value === undefined) return ok(undefined);
  const queue = new SpanQueue({
    resource: {
      "service.name": "aimdb-relay",
      "service.version": RELAY_VERSION,
      "service.instance.id": relay,
    },
    send: (body) => send(value, body, net),
    wait: (ms) => new Promise((resolve) => void clock.after(ms, resolve)),
    hold: () => {},
    onLost: (count, reason) => log.warn("spans_lost", { count, reason }),
  });
  return ok(new ServedSpans(queue, clock, () => randomBytes(8).toString("hex")));
}

async function send({ url, headers }: OtlpSettings, body: unknown, net: NetOptions): Promise<void> {
  const answered = await postJson({ url: new URL(url), headers, body }, net);
  if (!answered.ok) throw new Error(answered.error);
  const { status } = answered.value;
  if (status >= 300) throw new Error(`the collector answered ${status}`);
}
