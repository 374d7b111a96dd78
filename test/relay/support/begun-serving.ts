/** A server over one instance with a host of its own, and what it logs. */
import { type Request } from "#shared/link/request.ts";
import type { AuditEntry, AuditLog } from "../../../relay/access/audit-log.ts";
import { AuditTrail } from "../../../relay/access/audit-trail.ts";
import type { ServerOptions } from "../../../relay/link/serve.ts";
import { latest, ring, startHost } from "./host-side/host.ts";
import { waitOf } from "./worker-side/link-request.ts";
import { runInstance } from "./host-side/running-instance.ts";
import { until } from "./until.ts";
import { serverOf } from "./server-of.ts";

const TEXT = { struct: { text: "string" } } as const;
const RECORDS = [
  ring("r"),
  latest("a", { initial: { n: 1 } }),
  latest("b"),
  latest("big", { shape: TEXT, initial: { text: "x".repeat(300_000) } }),
  latest("wide", { shape: TEXT, initial: { text: "温".repeat(100_000) } }),
];

/** Keeps what is appended; can be made to fail. */
export class CollectingAudit implements AuditLog {
  readonly entries: (AuditEntry & { durable: boolean })[] = [];
  isFailing = false;

  async append(entry: AuditEntry, durable: boolean): Promise<void> {
    if (this.isFailing) throw new Error("disk full");
    this.entries.push({ ...entry, durable });
  }

  async close(): Promise<void> {}
}

export async function beginServing(more: Partial<ServerOptions> = {}) {
  const host = await startHost({ aimx: "3.0", records: RECORDS });
  const running = await runInstance(host);
  const { instance, clock, log, seen } = running;
  await instance.get("a", 1_000);
  // On a connection of its own, the last that the instance opens by itself.
  await until("the persistence answered", () => seen.changes === 2);
  const audit = new CollectingAudit();
  const find = (name: string) => (name === "boiler" ? instance : undefined);
  const trail = new AuditTrail({ audit, clock, log });
  const server = serverOf({ find, clock, log, trail, ...more });
  const handle = (request: Request) => server.handle(request, clock.monotonicMs());
  return { host, clock, log, audit, server, handle };
}

export type BegunServing = Awaited<ReturnType<typeof beginServing>>;

/** A call that waits for samples, under way. */
export async function waiting({ clock, handle }: BegunServing, request = waitOf(20_000)) {
  const reply = handle(request);
  await until("the wait", () => clock.isDueIn(20_000));
  return { request, reply };
}

export function setsOf({ host }: BegunServing): number {
  return host.requestCounts.get("record.set") ?? 0;
}
