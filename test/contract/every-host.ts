/** Every host there is on this machine, simulated and real, behind one way to reach them. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, inject } from "vitest";
import { waitFor } from "../../worker/selfhost/process/wait-for.ts";
import { realHost, simulatedHost, type Host, type HostKind } from "../support/hosts/hosts.ts";
import type { ConnectedClient } from "../support/clients/mcp.ts";
import { describeHost, PERIOD_MS } from "./host-contract.ts";

export interface Way {
  /** What instances are called by. */
  readonly relay: string;
  /** `folder` is empty but for the hosts' sockets; what was begun ends with `close` of the client. */
  open(folder: string, config: Record<string, unknown>): Promise<ConnectedClient>;
}

const kinds: { readonly name: string; readonly kind: HostKind }[] = [
  { name: "sim-1", kind: simulatedHost("1.0") },
  { name: "sim-2", kind: simulatedHost("2.0") },
  { name: "sim-3", kind: simulatedHost("3.0") },
  ...inject("realHosts").flatMap(({ protocol, binary }) =>
    binary === undefined
      ? []
      : [{ name: `real-${protocol.slice(0, 1)}`, kind: realHost(binary, protocol) }],
  ),
];

export function describeEveryHost(way: Way): void {
  const hosts = new Map<string, Host>();
  let folder: string;
  let client: ConnectedClient;
  const socketOf = (name: string) => join(folder, `${name}.sock`);

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "aimdb-e2e-"));
    for (const { name, kind } of kinds) {
      hosts.set(name, await kind.start(socketOf(name), PERIOD_MS));
    }
    client = await way.open(folder, {
      allowed_sockets: [join(folder, "*.sock")],
      writable_records: ["app.*", "device.*", "sensor.*"],
      confirm_writes: false,
      rate_limit: 0,
    });
    await waitFor(20_000, async () => {
      const { json } = await client.call("discover_instances");
      return json.instances.length === hosts.size || undefined;
    });
  });

  afterAll(async () => {
    await client?.close();
    for (const host of hosts.values()) await host.stop();
    await rm(folder, { recursive: true, force: true });
  });

  describe.each(kinds)("$kind.label", ({ name, kind }) => {
    describeHost(kind, () => ({
      instance: `${way.relay}/${name}`,
      socketPath: socketOf(name),
      client,
      host: hosts.get(name),
      replaceHost: (host) => hosts.set(name, host),
    }));
  });
}
