/** What a running relay owes its owner: answers on its control sockets, and notices to systemd. */
import type { JsonValue } from "#shared/json/json.ts";
import type { Clock } from "../clock.ts";
import type { ListenAddress } from "../config.ts";
import type { Environment } from "../environment.ts";
import type { Continuity } from "../identity/continuity.ts";
import type { Identity } from "../identity/identity.ts";
import type { InstanceSet } from "../instances/instance-set.ts";
import type { LinkClient } from "../link/link-client.ts";
import { ServiceManager } from "../service/service-manager.ts";
import type { LinkBudget } from "../traffic/link-budget.ts";
import type { KeptTraffic } from "../traffic/kept-traffic.ts";
import type { SampleStore } from "../store/sample-store.ts";
import type { DeviceWrites } from "../writes/device-writes.ts";
import { controlPaths } from "./control-path.ts";
import { ControlServer } from "./control-server.ts";
import { decideWrites } from "./decide-writes.ts";
import { describeRelay, headlineOf } from "./describe-relay.ts";
import { MetricsServer } from "./metrics-server.ts";
import type { RelayCounts } from "./relay-counts.ts";
import type { RecentProblems } from "./recent-problems.ts";
import type { RelayStatus } from "./relay-status.ts";

export interface OwnerDeskOptions {
  readonly identity: Identity;
  readonly link: LinkClient;
  readonly continuity: Continuity;
  readonly instances: InstanceSet;
  readonly store: SampleStore;
  readonly traffic: KeptTraffic;
  readonly budget: LinkBudget | undefined;
  readonly counts: RelayCounts;
  readonly metricsListen: ListenAddress | undefined;
  readonly writes: DeviceWrites;
  readonly problems: RecentProblems;
  readonly environment: Environment;
  readonly clock: Clock;
}

export class OwnerDesk {
  readonly #options: OwnerDeskOptions;
  readonly #service: ServiceManager;
  readonly #startedMs: number;
  readonly #servers: ControlServer[] = [];
  #metrics: MetricsServer | undefined;

  constructor(options: OwnerDeskOptions) {
    const { environment, clock } = options;
    this.#options = options;
    this.#startedMs = clock.monotonicMs();
    this.#service = new ServiceManager({
      variables: environment.variables,
      clock,
      log: environment.log,
      describe: () => headlineOf(this.#status()),
    });
  }

  async open(): Promise<void> {
    for (const path of controlPaths(this.#options.environment)) await this.#openControl(path);
    await this.#openMetrics();
  }

  /** A relay that can't open its control socket serves all the same. */
  async #openControl(path: string): Promise<void> {
    const { environment, clock } = this.#options;
    try {
      const server = await ControlServer.open({
        path,
        handlers: {
          status: async (): Promise<JsonValue> => this.#status(),
          ...decideWrites(this.#options.writes, clock),
        },
        clock,
      });
      this.#servers.push(server);
    } catch (error) {
      environment.log.error("control_not_open", { path, reason: String(error) });
    }
  }

  async #openMetrics(): Promise<void> {
    const { metricsListen, environment } = this.#options;
    if (metricsListen === undefined) return;
    try {
      this.#metrics = await MetricsServer.open(metricsListen, () => this.#status());
      environment.log.info("metrics_open", { host: metricsListen.host, port: this.#metrics.port });
    } catch (error) {
      environment.log.error("metrics_not_open", { reason: String(error) });
    }
  }

  ready(): void {
    void this.#service.ready();
  }

  linkChanged(): void {
    this.#service.statusChanged();
  }

  stopping(): void {
    this.#service.stopping();
  }

  async close(): Promise<void> {
    for (const server of this.#servers) await server.close();
    await this.#metrics?.close();
    await this.#service.close();
  }

  #status(): RelayStatus {
    const {
      identity,
      link,
      continuity,
      instances,
      store,
      traffic,
      budget,
      counts,
      problems,
      clock,
    } = this.#options;
    return describeRelay({
      identity,
      upMs: clock.monotonicMs() - this.#startedMs,
      link: link.status(),
      continuity: continuity.state,
      ...instances.announce(),
      notServedCount: instances.notServedCount,
      breakers: instances.breakers(),
      traffic: traffic.now(),
      budget: budget?.state,
      counts: counts.read(),
      store,
      problems: problems.problems,
    });
  }
}
