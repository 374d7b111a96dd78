/**
 * One per relay, found only through its team. Holds the link, passes calls over it, keeps what must outlive its
 * own sleep. Decisions are in `session.ts` and `call.ts`.
 */
import { DurableObject } from "cloudflare:workers";
import { UNKNOWN_CALL, UNKNOWN_INSTANCE } from "#shared/fleet/unknown.ts";
import { MAX_IN_FLIGHT } from "#shared/link/limits.ts";
import { EFFECTS } from "#shared/link/method.ts";
import type { RightsSnapshot } from "../access/rights.ts";
import { after } from "../after.ts";
import type { Principal } from "../auth/principal.ts";
import type { Env } from "../env.ts";
import { callerLimitsOf } from "../mcp/caller/caller-limits.ts";
import { migrate, migrateExisting } from "../storage/migrate.ts";
import type { PresenceReport } from "../team/events/events-rpc.ts";
import { teamOf } from "../team/stub.ts";
import { acceptDial } from "./dial/accept-dial.ts";
import { acceptRotation } from "./dial/accept-rotation.ts";
import {
  answerByClient,
  approveByPerson,
  declineByPerson,
  questionOf,
  reportTo,
} from "./writes/confirmation.ts";
import { Admission } from "./calls/admission.ts";
import { describeRelay, presenceOf } from "./describe.ts";
import { callRatesOf } from "./calls/call-rates.ts";
import { LastKnownValues } from "./calls/last-known.ts";
import { Lease } from "./calls/lease.ts";
import { OwnInventory } from "./own-inventory.ts";
import { OwnRow } from "./own-row.ts";
import { spansOf } from "../trace/isolate-spans.ts";
import { CallTraces } from "./calls/call-traces.ts";
import { LinkCounts } from "./link/link-counts.ts";
import { RelayLink, type LinkStorage, type LinkWrites } from "./link/link.ts";
import { Offline } from "./calls/offline.ts";
import { PresenceReporter } from "./presence-reporter.ts";
import { RelayCalls } from "./calls/relay-calls.ts";
import { writeRelayRow } from "./relay-row.ts";
import type {
  AnswerRequest,
  ApprovalRequest,
  CallRequest,
  CallResult,
  CancelRequest,
  DeclineRequest,
  DescribeQuery,
  DrainRequest,
  DrainResult,
  ReadRequest,
  ReadResult,
  RelayCreation,
  RelayDescription,
  RelayRpc,
  Rotation,
  RotationResult,
  SubscribeRequest,
  SubscribeResult,
  UnsubscribeRequest,
  UnsubscribeResult,
  WriteCall,
  WriteQuery,
  WriteQuestion,
  WriteResult,
} from "./rpc.ts";
import { RELAY_MIGRATIONS } from "./schema.ts";
import { RelayWrites } from "./writes/relay-writes.ts";
import { shortLinksOf } from "./dial/short-links.ts";
import { toRpc } from "./to-rpc.ts";
import { untilBack } from "./calls/until-back.ts";
import type { WriteDesk } from "./writes/write-desk.ts";

export class RelayObject extends DurableObject<Env> implements RelayRpc {
  readonly #row: OwnRow;
  readonly #inventory: OwnInventory;
  readonly #link: RelayLink;
  readonly #lease: Lease;
  readonly #admission: Admission;
  readonly #calls: RelayCalls;
  readonly #writes: RelayWrites;
  readonly #lastKnown: LastKnownValues;
  readonly #offline: Offline;
  readonly #reporter: PresenceReporter;
  readonly #counts: LinkCounts;
  readonly #traces: CallTraces;
  readonly #shortLinks = shortLinksOf(this.env);
  readonly #rates = callRatesOf(this.env);

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    migrateExisting(ctx.storage, RELAY_MIGRATIONS);
    const { sql } = ctx.storage;
    this.#row = new OwnRow(sql);
    this.#inventory = new OwnInventory(sql);
    this.#offline = new Offline(this.#row, Date.now());
    this.#reporter = new PresenceReporter({
      read: () => this.#presence(),
      send: (report) => this.#report(report),
      ...CLOCK,
    });
    this.#traces = new CallTraces(spansOf(env));
    this.#counts = new LinkCounts({
      tell: async (counts) => this.#team()?.noteCounts(ctx.id.toString(), counts),
      after,
    });
    this.#lastKnown = new LastKnownValues({
      sql,
      nowMs: Date.now,
      inventory: () => this.#inventory.read(),
    });
    this.#link = new RelayLink(
      ctx,
      {
        storage: this.#storage(),
        writes: this.#linkWrites(),
        counts: this.#counts,
        traces: this.#traces,
        shortLinks: this.#shortLinks,
      },
      this.#offline.stored(),
    );
    this.#noteUnseenEnd();
    this.#writes = new RelayWrites(ctx, env, {
      link: this.#link,
      row: this.#row,
      inventory: this.#inventory,
      offline: this.#offline,
    });
    this.#lease = new Lease({
      ask: async () => (await this.#team()?.lease(ctx.id.toString())) ?? null,
      nowMs: Date.now,
      onSnapshot: (snapshot) => this.#onRights(snapshot),
    });
    this.#admission = new Admission(this.#lease);
    this.#calls = new RelayCalls({
      sql,
      admission: this.#admission,
      rates: this.#rates,
      row: this.#row,
      inventory: this.#inventory,
      link: this.#link,
      share: callerLimitsOf(env).inFlight || MAX_IN_FLIGHT,
      counts: this.#counts,
      traces: this.#traces,
      lastKnown: this.#lastKnown,
      offline: this.#offline,
    });
  }

  /** Repeatable: `enroll` is called again if its answer was lost. */
  create(creation: RelayCreation): void {
    migrate(this.ctx.storage, RELAY_MIGRATIONS);
    writeRelayRow(this.ctx.storage.sql, creation);
  }

  /** The dial: `GET /relay` with an upgrade, passed on by the Worker. */
  override fetch(request: Request): Promise<Response> {
    const { ctx, env } = this;
    const shortLinks = this.#shortLinks;
    return acceptDial(request, { ctx, env, row: this.#row, link: this.#link, shortLinks });
  }

  /** Null for another team, as if the relay did not exist. */
  async describe({
    team,
    record,
    waitMs = 0,
    ahead,
  }: DescribeQuery): Promise<RelayDescription | null> {
    if (!this.#isOf({ team })) return null;
    const askedAtMs = Date.now();
    await untilBack({ link: this.#link, offline: this.#offline }, waitMs);
    const description = describeRelay(this.#link.session(Date.now()), this.#inventory.read(), {
      record,
      fallbackSinceMs: this.#offline.fallbackSinceMs(),
    });
    if (ahead === undefined) return description;
    const deadlineMs = Math.max(1, ahead.deadlineMs - (Date.now() - askedAtMs));
    return this.#calls.callAhead(description, { ...ahead, deadlineMs });
  }

  presence(team: string): PresenceReport | null {
    return this.#row.read()?.team === team ? (this.#presence() ?? null) : null;
  }

  setRights(snapshot: RightsSnapshot): void {
    if (this.#row.read() !== undefined) this.#lease.push(snapshot);
  }

  async erase(team: string): Promise<void> {
    if (!this.#isOf({ team })) return;
    this.#row.writeStatus("revoked");
    this.#link.endAs("revoked");
    await this.#writes.end();
    this.#lastKnown.flush();
    await this.ctx.storage.deleteAll();
    this.#row.forget();
  }

  rotate(rotation: Rotation): Promise<RotationResult> {
    return acceptRotation(rotation, { ctx: this.ctx, env: this.env, row: this.#row });
  }

  call(request: CallRequest): Promise<CallResult> {
    return EFFECTS[request.method] === "write" ? this.#reset(request) : this.#calls.call(request);
  }

  cancel(request: CancelRequest): void {
    this.#calls.cancel(request);
  }

  subscribe(request: SubscribeRequest): Promise<SubscribeResult> {
    return this.#calls.subscribe(request);
  }

  readSubscription(request: ReadRequest): Promise<ReadResult> {
    return this.#calls.readSubscription(request);
  }

  unsubscribe(request: UnsubscribeRequest): Promise<UnsubscribeResult> {
    return this.#calls.unsubscribe(request);
  }

  drain(request: DrainRequest): Promise<DrainResult> {
    return this.#calls.drain(request);
  }

  async write(call: WriteCall): Promise<WriteResult> {
    const desk = this.#deskFor(call.principal.team);
    if (desk === undefined) return { ok: false, failure: UNKNOWN_INSTANCE };
    const refusal =
      (await this.#admission.refusalOf(call.principal)) ??
      this.#admission.excessOf(Date.now()) ??
      this.#rates.take(call.principal.id, Date.now());
    if (refusal !== undefined) return refusal;
    const write = () => desk.write(call);
    const written = await this.#traces.during(call.id, call.principal.trace, write);
    return toRpc(written, (report) => ({ report }));
  }

  async #reset(request: CallRequest): Promise<CallResult> {
    const { id, principal } = request;
    const resets = this.#writes.resets;
    if (resets === undefined) return { ok: false, failure: UNKNOWN_INSTANCE };
    const refusal =
      (await this.#calls.refusalOf(request)) ?? this.#rates.take(principal.id, Date.now());
    if (refusal !== undefined) return refusal;
    return this.#traces.during(id, principal.trace, () => resets.reset(request));
  }

  async writeReport({ principal, id }: WriteQuery): Promise<WriteResult> {
    const desk = this.#deskFor(principal.team);
    if (desk === undefined) return { ok: false, failure: UNKNOWN_CALL };
    const refusal = await this.#admission.refusalOf(principal);
    return refusal ?? toRpc(await reportTo(desk, principal, id), (report) => ({ report }));
  }

  async answerWrite(request: AnswerRequest): Promise<WriteResult> {
    const desk = this.#deskFor(request.principal.team);
    if (desk === undefined) return { ok: false, failure: UNKNOWN_CALL };
    const refusal = await this.#admission.refusalOf(request.principal);
    return refusal ?? toRpc(await answerByClient(desk, request), (report) => ({ report }));
  }

  async readPending({ team, id }: { team: string; id: string }): Promise<WriteQuestion | null> {
    const desk = this.#deskFor(team);
    return desk === undefined ? null : await questionOf(desk, id);
  }

  async approve(request: ApprovalRequest): Promise<WriteResult> {
    const desk = this.#deskFor(request.team);
    if (desk === undefined) return { ok: false, failure: UNKNOWN_CALL };
    return toRpc(await approveByPerson(desk, request), (report) => ({ report }));
  }

  decline(request: DeclineRequest): WriteResult {
    const desk = this.#deskFor(request.team);
    if (desk === undefined) return { ok: false, failure: UNKNOWN_CALL };
    return toRpc(declineByPerson(desk, request), (report) => ({ report }));
  }

  override async alarm(): Promise<void> {
    await this.#writes.onAlarm();
  }

  override webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): void {
    this.#link.onMessage(socket, message);
  }

  override webSocketClose(socket: WebSocket, code: number): void {
    this.#link.onClose(socket, code);
  }

  override webSocketError(socket: WebSocket): void {
    this.#link.onClose(socket);
  }

  #team(): ReturnType<typeof teamOf> {
    const row = this.#row.read();
    return row === undefined ? undefined : teamOf(this.env, row.team);
  }

  async #report(report: PresenceReport): Promise<void> {
    const status = await this.#team()?.notePresence(this.ctx.id.toString(), report);
    // One of the two was restored from a backup, or what the team decided is on its way: the lease has versions.
    if (status !== this.#row.read()?.status) await this.#lease.renew();
  }

  /** A relay that the team no longer has was revoked while its object could not be told. */
  #onRights(snapshot: RightsSnapshot | undefined): void {
    const status = snapshot?.status ?? "revoked";
    const row = this.#row.read();
    if (row !== undefined && status !== row.status) {
      this.#row.writeStatus(status);
      if (status !== "active") this.#link.endAs(status);
    }
    if (snapshot !== undefined) this.#admission.onSnapshot(snapshot);
  }

  /** Stored, so that a relay that stays away is not waited for each time this object wakes. */
  #noteUnseenEnd(): void {
    const row = this.#row.read();
    if (row?.offlineSinceMs !== null || this.#link.isOpen) return;
    this.#row.writeOffline({ sinceMs: Date.now(), hasLeft: false });
  }

  /** Undefined for another team, as if the relay did not exist. */
  #deskFor(team: string): WriteDesk | undefined {
    return this.#isOf({ team }) ? this.#writes.desk : undefined;
  }

  #isOf({ team }: Pick<Principal, "team">): boolean {
    return this.#row.read()?.team === team;
  }

  #presence(): PresenceReport | undefined {
    if (this.#row.read() === undefined) return undefined;
    const nowMs = Date.now();
    return presenceOf(this.#link.session(nowMs), this.#inventory.read(), {
      fallbackSinceMs: this.#offline.fallbackSinceMs(),
      nowMs,
    });
  }

  #storage(): LinkStorage {
    return {
      relayName: () => this.#row.read()?.name,
      generation: () => this.#row.read()?.generation ?? 0,
      raiseGeneration: () => this.#row.raiseGeneration(),
      storeInventory: (inventory) => {
        this.#inventory.write(inventory);
        this.#lastKnown.prune(inventory);
        void this.#reporter.changed();
      },
      storeLastKnown: ({ instances }, sessionStartedAtMs) => {
        for (const { name, readings } of instances) {
          this.#lastKnown.note(name, readings, sessionStartedAtMs);
        }
        this.#lastKnown.flush();
      },
      storeOffline: (ended) => {
        if (this.#row.read() === undefined) return;
        this.#row.writeOffline(ended);
        this.#lastKnown.flush();
        void this.#reporter.changed();
      },
    };
  }

  #linkWrites(): LinkWrites {
    return {
      unresolved: () => this.#writes.unresolved(),
      onRemembered: (remembered) => this.#writes.desk?.onRemembered(remembered),
      onLateReply: (reply) => this.#writes.desk?.onLateReply(reply) ?? false,
    };
  }
}

const CLOCK = { nowMs: Date.now, wait: (ms: number) => scheduler.wait(ms) };
