/**
 * One per relay, found through its team only. Holds the link, passes calls over it, keeps what must
 * outlive its own sleep. Decisions are in `session.ts` and `call.ts`.
 */
import { DurableObject } from "cloudflare:workers";
import type { AskRelay } from "#shared/desk/desk-call.ts";
import { DrainDesk } from "#shared/desk/drain-desk.ts";
import { SubscriptionDesk, UNKNOWN_SUBSCRIPTION } from "#shared/desk/subscription-desk.ts";
import { failure, type Failure } from "#shared/failure.ts";
import { decodeJwt } from "jose";
import { jsonValueSchema } from "#shared/json.ts";
import { ROTATE_TOKEN_TYPE, rotateClaimsSchema } from "#shared/link/dial-token.ts";
import { MAX_IN_FLIGHT } from "#shared/link/limits.ts";
import { LINK_SUBPROTOCOL } from "#shared/link/version.ts";
import { err, ok, type Result } from "#shared/result.ts";
import { bearerToken } from "../auth/bearer.ts";
import type { Principal } from "../auth/principal.ts";
import { randomHex } from "../auth/secret.ts";
import type { Env } from "../env.ts";
import { logEvent } from "../log.ts";
import { migrate, migrateExisting } from "../storage/migrate.ts";
import { teamOf } from "../team/stub.ts";
import { refusalOf, resultOf } from "./call.ts";
import {
  answerByClient,
  approveByPerson,
  declineByPerson,
  questionOf,
  reportTo,
} from "./confirmation.ts";
import { describeRelay } from "./describe.ts";
import { verifySigned } from "./dial.ts";
import { acceptedKeys, keysThatMayRotate, noteDial, readKeys, writeNextKey } from "./keys.ts";
import { LastKnownValues } from "./last-known.ts";
import { OwnRow } from "./own-row.ts";
import { RelayLink, type LinkStorage, type LinkWrites } from "./link.ts";
import { readingsIn } from "./readings-in.ts";
import { clockRefused, dialRefused, suspendedRefused } from "./refusals.ts";
import { readInventory, spendJti, writeInventory } from "./relay-row.ts";
import type {
  AnswerRequest,
  ApprovalRequest,
  CallRequest,
  CallResult,
  DeclineRequest,
  DrainRequest,
  DrainResult,
  Failed,
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
import type { RelayStatus } from "./status.ts";
import { SqlDeskRows } from "./desk-rows.ts";
import { RelayWrites } from "./relay-writes.ts";
import { staleAnswer } from "./stale-answer.ts";
import { UNKNOWN_CALL, type WriteDesk } from "./write-desk.ts";
import { safeParse } from "#shared/safe-parse.ts";

export class RelayObject extends DurableObject<Env> implements RelayRpc {
  readonly #row: OwnRow;
  readonly #link: RelayLink;
  readonly #desk: SubscriptionDesk;
  readonly #drains: DrainDesk;
  readonly #writes: RelayWrites;
  readonly #lastKnown: LastKnownValues;
  /** For a session whose end nobody saw: the worker itself was away. */
  readonly #wokeAtMs = Date.now();

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    migrateExisting(ctx.storage, RELAY_MIGRATIONS);
    const { sql } = ctx.storage;
    this.#row = new OwnRow(sql);
    const inventory = () => readInventory(sql);
    this.#lastKnown = new LastKnownValues({ sql, nowMs: Date.now, inventory });
    this.#link = new RelayLink(
      ctx,
      { storage: this.#storage(), writes: this.#linkWrites() },
      this.#row.read()?.offlineSinceMs ?? null,
    );
    this.#writes = new RelayWrites(ctx, env, {
      link: this.#link,
      row: this.#row,
      offline: (session) => this.#offline(session),
    });
    const desk = { rows: new SqlDeskRows(sql), nowMs: Date.now, newId: () => randomHex(16) };
    this.#desk = new SubscriptionDesk(desk);
    this.#drains = new DrainDesk(desk);
  }

  /** Repeatable: a lost answer to `enroll` comes here twice. */
  create({ team, name, publicKey, installation, createdAtMs }: RelayCreation): void {
    migrate(this.ctx.storage, RELAY_MIGRATIONS);
    const { sql } = this.ctx.storage;
    sql.exec(
      "INSERT OR IGNORE INTO relay (one, team, name, public_key, installation, created_at, offline_since) VALUES (1, ?, ?, ?, ?, ?, ?)",
      team,
      name,
      JSON.stringify(publicKey),
      installation,
      createdAtMs,
      createdAtMs,
    );
  }

  /** The dial: `GET /relay` with an upgrade, passed on by the Worker. */
  override async fetch(request: Request): Promise<Response> {
    const row = this.#row.read();
    const token = bearerToken(request.headers);
    if (row === undefined || token === undefined || row.status === "revoked") return dialRefused();
    const nowMs = Date.now();
    const { sql } = this.ctx.storage;
    const keys = readKeys(sql, nowMs);
    const dial = await verifySigned(token, acceptedKeys(keys), {
      relayId: this.ctx.id.toString(),
      installation: row.installation,
      nowMs,
    });
    if (!dial.ok) {
      logEvent("warn", "dial_refused", { relay: row.name, reason: dial.error.reason });
      return dial.error.reason === "clock" ? clockRefused(nowMs) : dialRefused();
    }
    if (!spendJti(sql, dial.value.claims.jti, nowMs)) {
      logEvent("warn", "dial_refused", { relay: row.name, reason: "replayed" });
      return dialRefused();
    }
    if (row.status === "suspended") return suspendedRefused();
    noteDial(sql, keys, dial.value.signedBy);
    const { 0: client, 1: server } = new WebSocketPair();
    this.#link.accept(server);
    return new Response(null, {
      status: 101,
      webSocket: client,
      headers: { "sec-websocket-protocol": LINK_SUBPROTOCOL },
    });
  }

  /** Null for another team, as for a relay that does not exist. */
  describe(query: { team: string; record?: string | undefined }): RelayDescription | null {
    const { sql } = this.ctx.storage;
    if (this.#row.read()?.team !== query.team) return null;
    return describeRelay(this.#link.session(Date.now()), readInventory(sql), {
      record: query.record,
      fallbackSinceMs: this.#fallbackSinceMs(),
    });
  }

  setStatus(status: RelayStatus): void {
    if (this.#row.read() === undefined) return;
    this.#row.writeStatus(status);
    if (status !== "active") this.#link.endAs(status);
  }

  /** The key that is vouches for the key that comes; which one, its token says. */
  async rotate({ token, publicKey, nowMs }: Rotation): Promise<RotationResult> {
    const { sql } = this.ctx.storage;
    const row = this.#row.read();
    if (row === undefined || row.status === "revoked") return { ok: false, reason: "unauthorized" };
    const keys = readKeys(sql, nowMs);
    const signed = await verifySigned(token, keysThatMayRotate(keys), {
      relayId: this.ctx.id.toString(),
      type: ROTATE_TOKEN_TYPE,
      installation: row.installation,
      nowMs,
    });
    if (!signed.ok) {
      return { ok: false, reason: signed.error.reason === "clock" ? "clock" : "unauthorized" };
    }
    const named = safeParse(rotateClaimsSchema, decodeJwt(token)).data?.next;
    if (named !== publicKey.x || !spendJti(sql, signed.value.claims.jti, nowMs)) {
      return { ok: false, reason: "unauthorized" };
    }
    const { signedBy } = signed.value;
    const oldKeyUntilMs = writeNextKey(sql, { keys, signedBy, publicKey }, nowMs);
    await teamOf(this.env, row.team)?.setRelayKey(row.name, publicKey.x);
    return { ok: true, relay: row.name, oldKeyUntilMs };
  }

  async call(request: CallRequest): Promise<CallResult> {
    const row = this.#row.read();
    const refusal = refusalOf(request, row?.team) ?? this.#unready();
    if (refusal !== undefined) return { ok: false, failure: refusal };
    const session = this.#link.session(Date.now());
    if (session.name !== "live") return this.#staleAnswer(request, session);
    const end = await this.#link.ask({
      t: "req",
      id: request.id,
      instance: request.instance,
      principal: request.principal.id,
      deadline_ms: request.deadlineMs,
      method: request.method,
      params: jsonValueSchema.parse(request.params),
    });
    const result = resultOf(end, session.startedAtMs);
    if (result.ok) this.#noteReadings(request, result);
    return result;
  }

  async subscribe(request: SubscribeRequest): Promise<SubscribeResult> {
    const { principal } = request;
    return toRpc(
      await this.#desk.open(this.#askAs(principal), { ...request, principal: principal.id }),
      (opened) => opened,
    );
  }

  async readSubscription(request: ReadRequest): Promise<ReadResult> {
    const { principal } = request;
    if (!this.#isOf(principal)) return { ok: false, failure: UNKNOWN_SUBSCRIPTION };
    const batch = await this.#desk.read(this.#askAs(principal), {
      ...request,
      principal: principal.id,
    });
    return toRpc(batch, (value) => ({ batch: value }));
  }

  unsubscribe({ principal, id }: UnsubscribeRequest): UnsubscribeResult {
    if (!this.#isOf(principal)) return { ok: false, failure: UNKNOWN_SUBSCRIPTION };
    return toRpc(this.#desk.end(principal.id, id), (status) => ({ status }));
  }

  async drain(request: DrainRequest): Promise<DrainResult> {
    const { principal } = request;
    const drained = await this.#drains.drain(this.#askAs(principal), {
      ...request,
      principal: principal.id,
    });
    return toRpc(drained, (value) => ({ drained: value }));
  }

  async write(call: WriteCall): Promise<WriteResult> {
    const desk = this.#deskFor(call.principal.team);
    if (desk === undefined) return { ok: false, failure: UNKNOWN_INSTANCE };
    return toRpc(await desk.write(call), (report) => ({ report }));
  }

  async writeReport({ principal, id }: WriteQuery): Promise<WriteResult> {
    const desk = this.#deskFor(principal.team);
    if (desk === undefined) return { ok: false, failure: UNKNOWN_CALL };
    return toRpc(await reportTo(desk, principal, id), (report) => ({ report }));
  }

  async answerWrite(request: AnswerRequest): Promise<WriteResult> {
    const desk = this.#deskFor(request.principal.team);
    if (desk === undefined) return { ok: false, failure: UNKNOWN_CALL };
    return toRpc(await answerByClient(desk, request), (report) => ({ report }));
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

  /** A desk's questions are calls like any other: each is decided on. */
  #askAs(principal: Principal): AskRelay {
    return async (call) => {
      const result = await this.call({ ...call, principal, id: randomHex(16) });
      if (!result.ok) return err(result.failure);
      const { value, sessionStartedAtMs } = result;
      return ok({ value, sessionStartedAtMs });
    };
  }

  /** Undefined for another team, as for a relay that does not exist. */
  #deskFor(team: string): WriteDesk | undefined {
    return this.#isOf({ team }) ? this.#writes.desk : undefined;
  }

  #isOf({ team }: Pick<Principal, "team">): boolean {
    return this.#row.read()?.team === team;
  }

  #unready(): Failure | undefined {
    if (this.#link.pendingCount < MAX_IN_FLIGHT) return undefined;
    return failure("busy", "The relay has too many calls under way.", { retry_after_s: 1 });
  }

  /** A relay that never had a link is offline since it was made. */
  #fallbackSinceMs(): number {
    return this.#row.read()?.offlineSinceMs ?? this.#wokeAtMs;
  }

  #storage(): LinkStorage {
    const { sql } = this.ctx.storage;
    return {
      generation: () => this.#row.read()?.generation ?? 0,
      raiseGeneration: () => this.#row.raiseGeneration(),
      storeInventory: (inventory) => {
        writeInventory(sql, inventory);
        this.#lastKnown.prune(inventory);
      },
      storeLastKnown: ({ instances }, sessionStartedAtMs) => {
        for (const { name, readings } of instances) {
          this.#lastKnown.note(name, readings, sessionStartedAtMs);
        }
        this.#lastKnown.flush();
      },
      storeOfflineSince: (sinceMs) => {
        this.#row.writeOfflineSince(sinceMs);
        this.#lastKnown.flush();
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

  #offline(session: { name: string; sinceMs?: number | null }): Failure {
    const since = new Date(session.sinceMs ?? this.#fallbackSinceMs()).toISOString();
    const isSuspended = this.#row.read()?.status === "suspended";
    const what = session.name === "draining" ? "was told to stop at" : "has had no link since";
    const why = isSuspended ? "The team has suspended the relay." : `The relay ${what} ${since}.`;
    return failure("relay_offline", `${why} Nothing was asked.`, { offline_since: since });
  }

  #noteReadings(
    { instance, method }: CallRequest,
    { value, sessionStartedAtMs }: Extract<CallResult, { ok: true }>,
  ): void {
    this.#lastKnown.note(instance, readingsIn(method, value), sessionStartedAtMs);
  }

  #staleAnswer(
    request: CallRequest,
    session: { name: string; sinceMs: number | null },
  ): CallResult {
    const since = new Date(session.sinceMs ?? this.#fallbackSinceMs()).toISOString();
    const read = (instance: string) => this.#lastKnown.read(instance);
    const inventory = readInventory(this.ctx.storage.sql);
    return staleAnswer(request, { inventory, read, since }, this.#offline(session));
  }
}

const UNKNOWN_INSTANCE = failure("unknown_instance", "There is no such instance.");

function toRpc<T, A extends object>(
  result: Result<T, Failure>,
  toAnswer: (value: T) => A,
): ({ readonly ok: true } & A) | Failed {
  if (!result.ok) return { ok: false, failure: result.error };
  return { ok: true, ...toAnswer(result.value) };
}
