/** What must not stay when faults and traffic are over. */
import { readFileSync } from "node:fs";
import type { RelayStatus } from "../../relay/control/relay-status.ts";

export interface State {
  readonly relay: {
    readonly link: Pick<RelayStatus["link"], "calls_under_way">;
    readonly instances: readonly Pick<RelayStatus["instances"][number], "name" | "breaker">[];
  };
  /** As the management API lists them. */
  readonly relays: readonly {
    readonly connected: boolean;
    readonly status: string;
    readonly clone_suspected: unknown;
  }[];
  /** The relay's, of its connections to the worker. */
  readonly linkEnds: number;
  /** The worker's, of relays' connections, when its kernel has given up those that are dead. */
  readonly workerLinkEnds: number;
  readonly hostConnections: number;
  /** Revoked ones. */
  readonly acceptedTokens: number;
}

/** Two that stand, and one each for history and for a drain, which stay open for a while. */
const MAX_HOST_CONNECTIONS = 4;

export function leftBehind({ relay, relays, ...counts }: State): string[] {
  const { linkEnds, workerLinkEnds, hostConnections, acceptedTokens } = counts;
  const under = relay.link.calls_under_way;
  const broken = relay.instances.filter(({ breaker }) => breaker !== "closed");
  return [
    ...(under > 0 ? [`${under} calls are under way at the relay`] : []),
    ...broken.map(({ name, breaker }) => `the breaker of ${name} is ${breaker}`),
    ...(linkEnds > 1 ? [`${linkEnds} links of the relay are open`] : []),
    ...(workerLinkEnds > 1 ? [`${workerLinkEnds} links of the worker are open`] : []),
    ...(hostConnections > MAX_HOST_CONNECTIONS
      ? [`${hostConnections} connections to the host are open`]
      : []),
    ...(acceptedTokens > 0 ? [`${acceptedTokens} revoked tokens are accepted`] : []),
    ...relays.flatMap(({ connected, status, clone_suspected }) => [
      ...(connected && status === "active" ? [] : [`the relay is ${status} and not connected`]),
      ...(clone_suspected === null
        ? []
        : [`a second device is suspected: ${JSON.stringify(clone_suspected)}`]),
    ]),
  ];
}

/** States in /proc/net/tcp: connected, and not closed though the other end has. */
const OPEN_TCP = new Set(["01", "08"]);

/** That whoever listens at this port of IPv4 has accepted from one of the others. */
export function connectionsFrom(ports: ReadonlySet<number>, port: number): number {
  const rows = readFileSync("/proc/net/tcp", "utf8").split("\n").slice(1);
  const portOf = (address = "") => Number.parseInt(address.split(":")[1] ?? "", 16);
  return rows
    .map((row) => row.trim().split(/\s+/))
    .filter(
      ([, local, remote, state = ""]) =>
        portOf(local) === port && ports.has(portOf(remote)) && OPEN_TCP.has(state),
    ).length;
}

/** A socket's state in /proc/net/unix. */
const CONNECTED = "03";

/** That whoever listens at this socket has accepted. */
export function connectionsTo(socketPath: string): number {
  const rows = readFileSync("/proc/net/unix", "utf8").split("\n");
  return rows
    .map((row) => row.split(/\s+/))
    .filter(([, , , , , state, , path]) => path === socketPath && state === CONNECTED).length;
}
