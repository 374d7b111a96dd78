/** `aimdb-relay rotate`: a new key replaces the relay's current one. */
import {
  ROTATE_PATH,
  rotateResponseSchema,
  type RotateRequest,
  type RotateResponse,
} from "#shared/link/enrollment.ts";
import { err, ok, type Result } from "#shared/result.ts";
import { safeParse } from "#shared/parse/safe-parse.ts";
import { systemClock } from "../clock.ts";
import { loadConfig } from "../config-file.ts";
import { stateFolder, type Environment } from "../environment.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { readIdentity, type Identity } from "../identity/identity.ts";
import { adoptNextKey, readKey, readOrCreateNextKey, type RelayKey } from "../identity/key.ts";
import { requireKnownState } from "../identity/state-version.ts";
import { createRotateProof, createRotateToken } from "../identity/tokens.ts";
import { NeedsOperator } from "../needs-operator.ts";
import type { NetOptions } from "../net/agent.ts";
import { postJson } from "../net/post-json.ts";
import { readRefusal, refusedWith } from "../net/refusal.ts";
import { workerOfLink } from "../net/worker-url.ts";

export async function rotate(
  { json, configPath }: { readonly json: boolean; readonly configPath: string | undefined },
  environment: Environment,
): Promise<ExitCode> {
  const rotated = await tryRotate(configPath, environment);
  if (!rotated.ok) {
    environment.printError(`${rotated.error}\n`);
    return EXIT.failed;
  }
  const { relay, old_key_until } = rotated.value;
  if (json) {
    environment.print(`${JSON.stringify(rotated.value)}\n`);
    return EXIT.ok;
  }
  environment.print(
    `"${relay}" has a new key. A running relay takes it at its next dial; restart it to do so now. The old key ends once the new one has dialed, not before ${old_key_until}.\n`,
  );
  return EXIT.ok;
}

async function tryRotate(
  configPath: string | undefined,
  environment: Environment,
): Promise<Result<RotateResponse, string>> {
  const loaded = await loadConfig(configPath, environment);
  if (!loaded.ok) throw new NeedsOperator(loaded.error);
  const folder = stateFolder(environment);
  await requireKnownState(folder);
  const identity = await readIdentity(folder);
  if (identity === undefined) {
    throw new NeedsOperator("This device is not enrolled. Run: aimdb-relay enroll URL");
  }
  const current = await readKey(folder);
  if (current === undefined) {
    throw new NeedsOperator(
      `There is no key in ${folder}. Where the service manager keeps it: put it there, rotate, and seal the new one.`,
    );
  }
  // Stored before it is registered: if the answer is lost, the same key is registered again.
  const next = await readOrCreateNextKey(folder);
  const net: NetOptions = { caFile: loaded.value.config.caFile };
  const answered = await register(identity, { current, next }, net);
  if (answered.ok) await adoptNextKey(folder);
  return answered;
}

interface Keys {
  readonly current: RelayKey;
  readonly next: RelayKey;
}

/** Tries again, once, by the worker's clock if this device's is wrong. */
async function register(
  identity: Identity,
  keys: Keys,
  net: NetOptions,
): Promise<Result<RotateResponse, string>> {
  const first = await registerAt(systemClock.wallMs(), identity, keys, net);
  const workerMs = first.ok ? undefined : first.error.workerMs;
  const last = workerMs === undefined ? first : await registerAt(workerMs, identity, keys, net);
  if (last.ok) return last;
  const { message, status } = last.error;
  return status === undefined ? err(message) : refusedWith(status, message);
}

interface Refused {
  readonly message: string;
  /** Undefined if it is the clock, or if the worker did not say so itself. */
  readonly status?: number | undefined;
  /** The worker's time, if it says that the clock is the reason. */
  readonly workerMs?: number | undefined;
}

async function registerAt(
  nowMs: number,
  identity: Identity,
  keys: Keys,
  net: NetOptions,
): Promise<Result<RotateResponse, Refused>> {
  const url = workerOfLink(new URL(identity.link_url));
  url.pathname = ROTATE_PATH;
  const bearer = await createRotateToken(identity, keys, nowMs);
  const body: RotateRequest = {
    public_key: keys.next.publicKey,
    proof: await createRotateProof(bearer, keys.next),
  };
  const posted = await postJson({ url, headers: { authorization: `Bearer ${bearer}` }, body }, net);
  if (!posted.ok) return err({ message: posted.error });
  const rotated = safeParse(rotateResponseSchema, posted.value.body);
  if (posted.value.status < 300 && rotated.success) return ok(rotated.data);
  const refused = readRefusal(posted.value, url);
  if (!refused.ok) return err({ message: refused.error });
  const { message, server_time_ms: workerMs } = refused.value;
  return err(
    workerMs === undefined ? { message, status: posted.value.status } : { message, workerMs },
  );
}
