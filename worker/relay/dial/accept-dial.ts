/**
 * `GET /relay` with an upgrade, at the relay's object: which relay dials, whether it may, and whether a second
 * device uses the relay's key.
 */
import { LINK_SUBPROTOCOL } from "#shared/link/version.ts";
import { bearerToken } from "../../auth/bearer.ts";
import { hashSecret, randomSecret } from "../../auth/secret.ts";
import type { Env } from "../../env.ts";
import { senderNetwork } from "../../http/client-address.ts";
import { logEvent } from "../../log.ts";
import { teamOf } from "../../team/stub.ts";
import {
  afterDial,
  afterRefusal,
  goesOn,
  readContinuity,
  writeContinuity,
  writeDialedFrom,
} from "./continuity.ts";
import { verifySigned, type SignedDial } from "./dial.ts";
import { acceptedKeys, noteDial, readKeys } from "./keys.ts";
import type { RelayLink } from "../link/link.ts";
import type { OwnRow } from "../own-row.ts";
import { clockRefused, dialRefused, suspendedRefused, tooManyLinks } from "./refusals.ts";
import { spendJti } from "../relay-row.ts";
import type { ShortLinks } from "./short-links.ts";

export interface DialedRelay {
  readonly ctx: DurableObjectState;
  readonly env: Env;
  readonly row: OwnRow;
  readonly link: Pick<RelayLink, "accept" | "endAs">;
  readonly shortLinks: ShortLinks;
}

interface ProvenDial extends SignedDial {
  readonly nowMs: number;
}

export async function acceptDial(request: Request, relay: DialedRelay): Promise<Response> {
  const dial = await proveDial(request, relay);
  if (dial instanceof Response) return dial;
  const { sql } = relay.ctx.storage;
  const next = randomSecret();
  const given = await hashSecret(next);
  const { cont } = dial.claims;
  const shown = cont === undefined ? null : await hashSecret(cont);
  const network = senderNetwork(request, relay.env);

  const refused = refusedNow(relay);
  if (refused !== undefined) return refused;
  const waitMs = relay.shortLinks.waitMs(dial.nowMs);
  if (waitMs > 0) return tooManyLinks(waitMs);
  if (!goesOn(readContinuity(sql).continuity, shown)) {
    const onClone = await tellTeam(relay, network, dial.nowMs);
    const refusedMeanwhile = refusedNow(relay);
    if (refusedMeanwhile !== undefined) return refusedMeanwhile;
    if (onClone === "suspend") {
      writeContinuity(sql, afterRefusal(readContinuity(sql).continuity, shown));
      relay.row.writeStatus("suspended");
      relay.link.endAs("suspended");
      return suspendedRefused();
    }
  }
  // A dial of the last history awaits nothing between reading and writing it, so two at once run one by one.
  writeContinuity(sql, afterDial(shown, given));
  writeDialedFrom(sql, network);
  noteDial(sql, dial.signedBy);
  return upgrade(relay.link, next);
}

/** The checks that need only keys and spent ids; the answer if one fails. */
async function proveDial(
  request: Request,
  { ctx, row: ownRow }: DialedRelay,
): Promise<ProvenDial | Response> {
  const row = ownRow.read();
  const token = bearerToken(request.headers);
  if (row === undefined || token === undefined || row.status === "revoked") return dialRefused();
  const nowMs = Date.now();
  const { sql } = ctx.storage;
  const dial = await verifySigned(token, acceptedKeys(readKeys(sql, nowMs)), {
    relayId: ctx.id.toString(),
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
  return { ...dial.value, nowMs };
}

/** The team may have decided otherwise during a wait. */
function refusedNow({ row }: DialedRelay): Response | undefined {
  switch (row.read()?.status) {
    case "active":
      return undefined;
    case "suspended":
      return suspendedRefused();
    default:
      return dialRefused();
  }
}

/**
 * Before the dial is accepted: if the team can't be told, the dial fails, and the next one shows the same stale
 * value.
 */
async function tellTeam({ ctx, env, row }: DialedRelay, network: string, nowMs: number) {
  const { team = "", name = "" } = row.read() ?? {};
  const { dialedFrom } = readContinuity(ctx.storage.sql);
  const networks = [...new Set([network, dialedFrom ?? network])];
  return teamOf(env, team)?.noteCloneSuspected({ relay: name, networks, nowMs });
}

function upgrade(link: DialedRelay["link"], continuity: string): Response {
  const { 0: client, 1: server } = new WebSocketPair();
  link.accept(server, continuity);
  return new Response(null, {
    status: 101,
    webSocket: client,
    headers: { "sec-websocket-protocol": LINK_SUBPROTOCOL },
  });
}
