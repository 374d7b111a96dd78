/**
 * One per relay, found through its team only. Holds the link, passes calls over it, keeps what must
 * outlive its own sleep. Decisions are in `session.ts` and `call.ts`.
 */
import { DurableObject } from "cloudflare:workers";
import { failure, type Failure } from "#shared/failure.ts";
import { jsonValueSchema } from "#shared/json.ts";
import { MAX_IN_FLIGHT } from "#shared/link/limits.ts";
import { LINK_SUBPROTOCOL } from "#shared/link/version.ts";
import { bearerToken } from "../auth/bearer.ts";
import type { Principal } from "../auth/principal.ts";
import type { Env } from "../env.ts";
import { logEvent } from "../log.ts";
import { migrate, migrateExisting } from "../storage/migrate.ts";
import { refusalOf, resultOf } from "./call.ts";
import { describeRelay } from "./describe.ts";
import { verifyDial } from "./dial.ts";
import { RelayLink } from "./link.ts";
import { clockRefused, dialRefused } from "./refusals.ts";
import {
  raiseGeneration,
  readInventory,
  readRelayRow,
  spendJti,
  writeInventory,
  writeOfflineSince,
} from "./relay-row.ts";
import type {
  CallRequest,
  CallResult,
  ReadRequest,
  ReadResult,
  RelayCreation,
  RelayDescription,
  RelayRpc,
  SubscribeRequest,
  SubscribeResult,
  UnsubscribeRequest,
  UnsubscribeResult,
} from "./rpc.ts";
import { RELAY_MIGRATIONS } from "./schema.ts";
import { SubscriptionDesk } from "./subscription-desk.ts";
import { UNKNOWN_SUBSCRIPTION } from "./subscriptions.ts";

export class RelayObject extends DurableObject<Env> implements RelayRpc {
  readonly #link: RelayLink;
  readonly #desk: SubscriptionDesk;
  /** For a session whose end nobody saw: the worker itself was away. */
  readonly #wokeAtMs = Date.now();

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    migrateExisting(ctx.storage, RELAY_MIGRATIONS);
    const { sql } = ctx.storage;
    this.#link = new RelayLink(
      ctx,
      {
        generation: () => readRelayRow(sql)?.generation ?? 0,
        raiseGeneration: () => raiseGeneration(sql),
        storeInventory: (inventory) => writeInventory(sql, inventory),
        storeOfflineSince: (sinceMs) => writeOfflineSince(sql, sinceMs),
      },
      readRelayRow(sql)?.offlineSinceMs ?? null,
    );
    this.#desk = new SubscriptionDesk(sql, (request) => this.call(request));
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
    const row = readRelayRow(this.ctx.storage.sql);
    const token = bearerToken(request.headers);
    if (row === undefined || token === undefined) return dialRefused();
    const nowMs = Date.now();
    const dial = await verifyDial(token, {
      relayId: this.ctx.id.toString(),
      publicKey: row.publicKey,
      installation: row.installation,
      nowMs,
    });
    if (!dial.ok) {
      logEvent("warn", "dial_refused", { relay: row.name, reason: dial.error.reason });
      return dial.error.reason === "clock" ? clockRefused(nowMs) : dialRefused();
    }
    if (!spendJti(this.ctx.storage.sql, dial.value.jti, nowMs)) {
      logEvent("warn", "dial_refused", { relay: row.name, reason: "replayed" });
      return dialRefused();
    }
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
    if (readRelayRow(sql)?.team !== query.team) return null;
    return describeRelay(this.#link.session(Date.now()), readInventory(sql), {
      record: query.record,
      fallbackSinceMs: this.#fallbackSinceMs(),
    });
  }

  async call(request: CallRequest): Promise<CallResult> {
    const row = readRelayRow(this.ctx.storage.sql);
    const refusal = refusalOf(request, row?.team) ?? this.#unready();
    if (refusal !== undefined) return { ok: false, failure: refusal };
    const session = this.#link.session(Date.now());
    if (session.name !== "live") return { ok: false, failure: this.#offline(session) };
    const end = await this.#link.ask({
      t: "req",
      id: request.id,
      instance: request.instance,
      principal: request.principal.id,
      deadline_ms: request.deadlineMs,
      method: request.method,
      params: jsonValueSchema.parse(request.params),
    });
    return resultOf(request.method, end, session.startedAtMs);
  }

  subscribe(request: SubscribeRequest): Promise<SubscribeResult> {
    return this.#desk.subscribe(request, Date.now());
  }

  async readSubscription(request: ReadRequest): Promise<ReadResult> {
    if (!this.#isOf(request.principal)) return { ok: false, failure: UNKNOWN_SUBSCRIPTION };
    return this.#desk.read(request);
  }

  unsubscribe(request: UnsubscribeRequest): UnsubscribeResult {
    if (!this.#isOf(request.principal)) return { ok: false, failure: UNKNOWN_SUBSCRIPTION };
    return this.#desk.unsubscribe(request, Date.now());
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

  #isOf({ team }: Principal): boolean {
    return readRelayRow(this.ctx.storage.sql)?.team === team;
  }

  #unready(): Failure | undefined {
    if (this.#link.pendingCount < MAX_IN_FLIGHT) return undefined;
    return failure("busy", "The relay has too many calls under way.", { retry_after_s: 1 });
  }

  /** A relay that never had a link is offline since it was made. */
  #fallbackSinceMs(): number {
    return readRelayRow(this.ctx.storage.sql)?.offlineSinceMs ?? this.#wokeAtMs;
  }

  #offline(session: { name: string; sinceMs?: number | null }): Failure {
    const since = new Date(session.sinceMs ?? this.#fallbackSinceMs()).toISOString();
    const what = session.name === "draining" ? "was told to stop at" : "has had no link since";
    return failure("relay_offline", `The relay ${what} ${since}. Nothing was asked.`, {
      offline_since: since,
    });
  }
}
