/** Signing in, and accepting an invitation, through the configured OpenID provider. */
import { Hono } from "hono";
import { cutText } from "#shared/mcp/answers/presentable.ts";
import { hashSecret, randomSecret } from "../auth/secret.ts";
import type { Transaction } from "../directory/rpc.ts";
import { directoryOf } from "../directory/stub.ts";
import type { Env } from "../env.ts";
import { addressBlock, senderNetwork } from "../http/client-address.ts";
import { MinuteLimits } from "../http/minute-limits.ts";
import { ownPath } from "../http/relative-path.ts";
import { seeOther } from "../http/answer/see-other.ts";
import {
  createAndJoin,
  findInvitation,
  type AcceptRefusal,
  type Invitation,
} from "../invite/accept.ts";
import { inviteAction, inviteTokenOf } from "../invite/invite-url.ts";
import { logEvent } from "../log.ts";
import { originsOf } from "../origins.ts";
import { messagePage } from "../pages/page.tsx";
import { tooManyAttempts } from "../pages/too-many-attempts.ts";
import { MAX_NAME_LENGTH, toShownName } from "../shown-name.ts";
import { openSession, type SignIn } from "../session/open-session.ts";
import { authorizationUrl, exchange, type Claimed } from "./provider.ts";
import { isOfDomain, openIdSettings, type OpenIdSettings } from "./settings.ts";
import {
  noTransactionCookie,
  readTransactionCookie,
  transactionCookie,
} from "./transaction-cookie.ts";

const CALLBACK_PATH = "/login/provider/callback";
const TRANSACTION_LIFETIME_MS = 10 * 60_000;
const STARTS_PER_MINUTE = 30;
const ANSWERS_PER_MINUTE = 60;
/** A transaction is kept only while no thousand others are begun, and one IPv6 /48 has 65,536 addresses. */
const STARTS_PER_MINUTE_OF_NETWORK = 60;
/** A cookie may have 4 KiB at most. */
const MAX_NEXT_LENGTH = 2_000;

const starts = new MinuteLimits(STARTS_PER_MINUTE);
const startsOfNetwork = new MinuteLimits(STARTS_PER_MINUTE_OF_NETWORK);
const answers = new MinuteLimits(ANSWERS_PER_MINUTE);

export const openId = new Hono<{ Bindings: Env }>()
  .get("/login/provider", (context) => {
    const next = ownPath(context.req.query("next"), originsOf(context.env).main);
    const isAgain = context.req.query("again") !== undefined;
    return start(context.req.raw, context.env, { next, isAgain });
  })
  .get("/invite/:token/provider", (context) =>
    start(context.req.raw, context.env, {
      next: inviteAction(context.req.param("token")),
      isAgain: false,
    }),
  )
  .get(CALLBACK_PATH, (context) => finish(context.req.raw, context.env));

/** What the answer must match stays here, for one use; the browser gets only a key to it. */
async function start(
  request: Request,
  env: Env,
  { next, isAgain }: { next: string; isAgain: boolean },
): Promise<Response> {
  const settings = openIdSettings(env);
  if (settings === undefined) return noProvider();
  if (next.length > MAX_NEXT_LENGTH) return failed("next_too_long");
  const waitS = startsIn(request, env);
  if (waitS > 0) return tooManyAttempts(waitS);
  const secret = randomSecret();
  const [state, nonce, verifier] = [randomSecret(), randomSecret(), randomSecret()];
  const transaction = { state, nonce, verifier, isAgain };
  const hash = await hashSecret(secret);
  const expiresAtMs = Date.now() + TRANSACTION_LIFETIME_MS;
  await directoryOf(env).beginTransaction({ hash, expiresAtMs, ...transaction });
  try {
    const url = await authorizationUrl(settings, transaction, callbackOf(env));
    return seeOther(url.href, transactionCookie({ secret, next }, env, TRANSACTION_LIFETIME_MS));
  } catch (error) {
    return failed(reasonOf(error));
  }
}

/** 0, or the seconds until one may begin. */
function startsIn(request: Request, env: Env): number {
  const nowMs = Date.now();
  const waitS = starts.take(addressBlock(request, env), nowMs);
  return waitS > 0 ? waitS : startsOfNetwork.take(senderNetwork(request, env), nowMs);
}

async function finish(request: Request, env: Env): Promise<Response> {
  const settings = openIdSettings(env);
  if (settings === undefined) return noProvider();
  const cookie = readTransactionCookie(request.headers, env);
  if (cookie === undefined) return failed("no_transaction");
  const waitS = answers.take(addressBlock(request, env), Date.now());
  if (waitS > 0) return tooManyAttempts(waitS);
  const { secret, next } = cookie;
  const hash = await hashSecret(secret);
  const transaction = await directoryOf(env).takeTransaction(hash, Date.now());
  if (transaction === null) return failed("no_transaction");
  const claimed = await claimedBy(request, env, { settings, transaction });
  if (claimed === undefined) return transaction.isAgain ? notAgain() : failed("not_proven");
  const { provenAtMs } = claimed;
  const accountId = await directoryOf(env).accountOfIdentity(claimed.identity);
  if (accountId !== null) return signedIn(request, env, { accountId, provenAtMs, next });
  const token = inviteTokenOf(next);
  if (token === undefined) return refuse("unknown");
  const invitation = await findInvitation(env, request, token);
  const joined = await joinBy(env, invitation, { settings, claimed });
  return typeof joined === "string"
    ? refuse(joined)
    : signedIn(request, env, { ...joined, provenAtMs, next: "/" });
}

async function claimedBy(
  request: Request,
  env: Env,
  { settings, transaction }: { settings: OpenIdSettings; transaction: Transaction },
): Promise<Claimed | undefined> {
  const callback = callbackOf(env);
  callback.search = new URL(request.url).search;
  try {
    return await exchange(settings, transaction, callback);
  } catch (error) {
    logEvent("warn", "provider_answer_refused", { reason: reasonOf(error) });
    return undefined;
  }
}

type JoinRefusal = AcceptRefusal | "unknown" | "unverified" | "domain";

/** An address matches an open invitation but never an account: it may belong to somebody else by now. */
async function joinBy(
  env: Env,
  invitation: Invitation | undefined,
  { settings, claimed }: { settings: OpenIdSettings; claimed: Claimed },
): Promise<{ accountId: string } | JoinRefusal> {
  if (invitation === undefined) return "invitation";
  const { verifiedEmail: email, name, identity } = claimed;
  if (email === undefined) return "unverified";
  if (!isOfDomain(email, settings)) return "domain";
  if (invitation.email !== null && invitation.email !== email) return "email";
  const displayName = displayNameOf(name, email);
  const joined = await createAndJoin(env, invitation, {
    email,
    displayName,
    password: null,
    identity,
  });
  return joined.ok ? { accountId: joined.value } : joined.error;
}

function displayNameOf(name: string | undefined, email: string): string {
  const shown = (name ?? "").replaceAll(/[\p{Cc}\p{Cf}]/gu, "").trim();
  return toShownName(cutText(shown, MAX_NAME_LENGTH)) ?? email.slice(0, email.indexOf("@"));
}

async function signedIn(
  request: Request,
  env: Env,
  { next, ...signIn }: SignIn & { next: string },
): Promise<Response> {
  return seeOther(next, await openSession(request, env, signIn), noTransactionCookie(env));
}

/** A path of ours that the provider sends the browser back to. */
function callbackOf(env: Env): URL {
  return new URL(CALLBACK_PATH, originsOf(env).main);
}

/** Codes and classes only: a provider's messages may contain what it was sent. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return "unknown";
  const code = "code" in error && typeof error.code === "string" ? error.code : error.name;
  return code.slice(0, 80);
}

function failed(reason: string): Promise<Response> {
  logEvent("warn", "provider_sign_in_failed", { reason });
  return messagePage({
    title: "Signing in did not work",
    status: 400,
    text: "Nothing has changed. Start again from the page where you were.",
  });
}

/** The browser's current session stays as it is. */
function notAgain(): Promise<Response> {
  logEvent("warn", "provider_sign_in_failed", { reason: "not_again" });
  return messagePage({
    title: "Signing in again did not work",
    status: 400,
    text: "Your provider has to say that you signed in there within 15 minutes, and did not. Nothing has changed. If this happens each time, the provider does not say when people signed in: ask whoever runs this installation to have it send auth_time in the ID token. Until then such a write can't be approved here.",
  });
}

function noProvider(): Promise<Response> {
  return messagePage({
    title: "There is no provider here",
    status: 404,
    text: "Sign in with e-mail and password.",
  });
}

const REFUSALS: Readonly<Record<JoinRefusal, string>> = {
  unknown:
    "Nobody here has this identity. Open the invitation you were sent, and sign in from there.",
  invitation: "The invitation was used, has expired or was taken back. Ask for another.",
  unverified: "Your provider does not say that your e-mail address is verified.",
  domain: "Addresses of this domain can't come in by way of this provider.",
  email: "This invitation is for another e-mail address.",
  taken: "There is an account with this address. Sign in with its password, then join.",
  team_full: "The team has as many members as are allowed.",
  too_many_teams: "You are in as many teams as are allowed.",
};

function refuse(reason: JoinRefusal): Promise<Response> {
  logEvent("warn", "provider_identity_refused", { reason });
  return messagePage({ title: "You can't come in this way", status: 403, text: REFUSALS[reason] });
}
