/** Is this socket AimDB, and which version? One connection, for a moment. */
import type { HelloForm } from "#shared/aimx/greeting.ts";
import { PROBE_TIMEOUT_MS } from "#shared/aimx/limits.ts";
import type { Welcome } from "#shared/aimx/welcome.ts";
import { err, ok, type Result } from "#shared/result.ts";
import type { Clock } from "../clock.ts";
import type { ConnectHost } from "../instances/host/connect.ts";
import { HostConnection, type HostClose } from "../instances/host/host-connection.ts";

export interface ProbeOptions {
  readonly connect: ConnectHost;
  readonly clock: Clock;
}

/**
 * The first form is what every known version takes. A host that closes without a word may be a later
 * version that refuses the others' fields, so it is asked once more in each pure form.
 */
const FORMS: readonly HelloForm[] = ["hybrid", "tagged", "plain"];

/** All forms together take PROBE_TIMEOUT_MS at most. */
export async function probe(
  socketPath: string,
  { connect, clock }: ProbeOptions,
): Promise<Result<Welcome, HostClose>> {
  const endMs = clock.monotonicMs() + PROBE_TIMEOUT_MS;
  let close: HostClose = { reason: "hello_timeout" };
  for (const form of FORMS) {
    const timeoutMs = endMs - clock.monotonicMs();
    if (timeoutMs <= 0) break;
    const opened = await HostConnection.open({ socketPath, connect, clock, timeoutMs, form });
    if (opened.ok) {
      opened.value.close();
      return ok(opened.value.welcome);
    }
    close = opened.error;
    if (close.reason !== "ended_silently") break;
  }
  return err(close);
}
