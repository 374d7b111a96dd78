/** An instance as it is announced to the worker. */
import type { Welcome } from "#shared/aimx/welcome.ts";
import type { AnnouncedInstance } from "#shared/link/inventory.ts";
import {
  MAX_KEY_LENGTH,
  MAX_RECORDS_PER_INSTANCE,
  MAX_TYPE_NAME_LENGTH,
} from "#shared/link/limits.ts";
import type { Loss } from "#shared/link/sample.ts";
import type { CatalogView } from "./catalog.ts";
import type { InstanceContext } from "./context.ts";
import type { HostClose } from "./host/host-connection.ts";
import { describeClose } from "./host/host-failure.ts";
import { capabilitiesOf, type Persistence } from "./capabilities.ts";
import { decisionOn } from "./reading/records.ts";
import { releaseRange } from "./release-range.ts";

interface Seen {
  readonly welcome: Welcome;
  readonly view: CatalogView;
  readonly loss: Loss;
}

export type InstanceStatus =
  | { readonly name: "starting" }
  | { readonly name: "up"; readonly last: Seen }
  | { readonly name: "down"; readonly close: HostClose; readonly last: Seen | undefined };

export interface Announced {
  readonly socketPath: string;
  readonly persistence: Persistence;
}

export function announce(
  context: InstanceContext,
  { socketPath, persistence }: Announced,
  status: InstanceStatus,
): AnnouncedInstance {
  const named = { name: context.name, socket_path: socketPath };
  switch (status.name) {
    case "starting":
      return {
        ...named,
        ...describe(context, undefined, persistence),
        state: "down",
        reason: "The relay is connecting to it.",
      };
    case "down":
      return {
        ...named,
        ...describe(context, status.last, persistence),
        state: "down",
        reason: describeClose(status.close),
      };
    case "up":
      return { ...named, ...describe(context, status.last, persistence), state: "up" };
  }
}

/** For an instance that is down, what it had when it was last up. */
function describe(
  context: InstanceContext,
  seen: Seen | undefined,
  persistence: Persistence,
): Omit<AnnouncedInstance, "name" | "socket_path" | "state" | "reason"> {
  if (seen === undefined) return { record_count: 0, writable_count: 0 };
  const { welcome, view } = seen;
  const { rows } = view;
  return {
    protocol_version: welcome.protocolVersion.slice(0, 20),
    server_version: welcome.server.slice(0, 100),
    permissions: welcome.permissions.slice(0, 10).map((permission) => permission.slice(0, 20)),
    max_subscriptions: welcome.maxSubscriptions,
    authenticated: welcome.authenticated,
    capabilities: capabilitiesOf(view, persistence),
    ...releaseRange(welcome.protocolVersion, view),
    record_count: rows.length,
    writable_count: rows.filter((row) => decisionOn(context, view, row).writable).length,
    records: rows
      .filter(({ record_key }) => record_key.length <= MAX_KEY_LENGTH)
      .slice(0, MAX_RECORDS_PER_INSTANCE)
      .map(({ record_key, type_name }) => ({
        key: record_key,
        type_name: type_name.slice(0, MAX_TYPE_NAME_LENGTH),
      })),
  };
}
