/** The instances of one folder of sockets, asked as a client on the same machine asks. */
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { CallingFleet } from "#shared/fleet/calling-fleet.ts";
import type { AuditLog } from "../../../relay/access/audit-log.ts";
import { AuditTrail } from "../../../relay/access/audit-trail.ts";
import type { Config } from "../../../relay/config.ts";
import { InstanceSet } from "../../../relay/instances/instance-set.ts";
import type { ServerOptions } from "../../../relay/link/serve.ts";
import { LocalCalls } from "../../../relay/stdio/local-calls.ts";
import { deviceWritesOf } from "./device/device-writes.ts";
import { freshFolder } from "./device/fresh-folder.ts";
import { latest, ring, startHost } from "./host-side/host.ts";
import { sharedOptions } from "./host-side/running-instance.ts";
import { serverOf } from "./server-of.ts";

const RECORDS = [latest("a", { initial: { n: 1 } }), ring("r")];

export interface LocalOptions {
  readonly config?: Partial<Config>;
  readonly server?: Partial<ServerOptions>;
  readonly audit?: AuditLog;
}

export async function localFleet(more: LocalOptions = {}) {
  const folder = await freshFolder();
  const path = (name: string) => join(folder, name);
  const shared = sharedOptions({ allowedSockets: [path("*.sock")], ...more.config });
  const instances = new InstanceSet({
    ...shared,
    names: new Map(),
    saveNames: async () => {},
    onChange: () => {},
  });
  onTestFinished(() => instances.stop());
  const { clock, log, config, journal } = shared;
  const find = more.server?.find ?? ((name: string) => instances.find(name));
  const writes = deviceWritesOf(find, clock, { config, journal, holds: "all" });
  const trail = new AuditTrail({ audit: more.audit, clock, log });
  const server = serverOf({ find, writes, clock, log, trail, ...more.server });
  const newId = () => randomBytes(16).toString("hex");
  const device = { instances, server, writes, start: () => instances.start() };
  const calls = new LocalCalls({ device, config, clock, newId });
  return { writes, calls, fleet: new CallingFleet(calls), server, path, clock, log };
}

/** With a host at `boiler.sock`. */
export async function localFleetWithHost(more: LocalOptions = {}) {
  const begun = await localFleet(more);
  const socketPath = begun.path("boiler.sock");
  return { ...begun, host: await startHost({ aimx: "3.0", records: RECORDS, socketPath }) };
}
