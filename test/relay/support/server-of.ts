/** A server over the instances that are found; what a test is not about is as plain as it can be. */
import { AuditTrail } from "../../../relay/access/audit-trail.ts";
import { RelayCounts } from "../../../relay/control/relay-counts.ts";
import { Server, type ServerOptions } from "../../../relay/link/serve.ts";
import { deviceWritesOf } from "./device/device-writes.ts";

export function serverOf(
  of: Pick<ServerOptions, "find" | "clock" | "log"> & Partial<ServerOptions>,
): Server {
  const { find, clock, log } = of;
  return new Server({
    writes: deviceWritesOf(find, clock),
    rateLimit: undefined,
    trail: new AuditTrail({ audit: undefined, clock, log }),
    counts: new RelayCounts(),
    ...of,
  });
}
