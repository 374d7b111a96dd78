/** A standing connection to a host, closed when the test is over. */
import { onTestFinished } from "vitest";
import { connectHost } from "../../../../relay/instances/host/connect.ts";
import { HostConnection } from "../../../../relay/instances/host/host-connection.ts";
import { ManualClock } from "../../../support/manual-clock.ts";

export async function openConnection(
  socketPath: string,
  clock = new ManualClock(),
): Promise<HostConnection> {
  const opened = await HostConnection.open({
    socketPath,
    connect: connectHost,
    clock,
    timeoutMs: 5_000,
  });
  if (!opened.ok) throw new Error(`No connection: ${opened.error.reason}`);
  onTestFinished(() => opened.value.close());
  return opened.value;
}
