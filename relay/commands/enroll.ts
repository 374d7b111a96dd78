/** `aimdb-relay enroll`: this device becomes a relay of a team. */
import { readFile } from "node:fs/promises";
import { toName } from "#shared/instance-id.ts";
import {
  ENROLL_PATH,
  enrollResponseSchema,
  type EnrollRequest,
  type EnrollResponse,
} from "#shared/link/enrollment.ts";
import { err, ok, type Result } from "#shared/result.ts";
import type { Command, JoinTokenSource } from "../cli.ts";
import { systemClock } from "../clock.ts";
import { loadConfig } from "../config-file.ts";
import { runsAlready } from "../control/runs-already.ts";
import { reachWorker } from "../doctor/reach-worker.ts";
import { remedyFor } from "../doctor/worker-checks.ts";
import { credentialsFolder, stateFolder, type Environment } from "../environment.ts";
import { errorCodeOf } from "../error-code.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { readIdentity, writeIdentity, type Identity } from "../identity/identity.ts";
import { readKey, readOrCreateKey } from "../identity/key.ts";
import { requireKnownState } from "../identity/state-version.ts";
import { createEnrollProof } from "../identity/tokens.ts";
import { NeedsOperator } from "../needs-operator.ts";
import type { NetOptions } from "../net/agent.ts";
import { postJson, type PostResponse } from "../net/post-json.ts";
import { readRefusal, refusedWith } from "../net/refusal.ts";
import { parseLinkUrl } from "../net/worker-url.ts";
import { safeParse } from "#shared/parse/safe-parse.ts";
import { checkEnrolled } from "./enrolled-already.ts";

type Enroll = Extract<Command, { name: "enroll" }>;

const FALLBACK_NAME = "relay";

interface Enrolled {
  readonly identity: Identity;
  /** What the device was until now; undefined if nothing, or nothing that can be read. */
  readonly previous: Identity | undefined;
}

export async function enroll(command: Enroll, environment: Environment): Promise<ExitCode> {
  const enrolled = await tryEnroll(command, environment);
  if (!enrolled.ok) {
    environment.printError(`${enrolled.error}\n`);
    return EXIT.failed;
  }
  environment.print(
    command.json ? toJson(enrolled.value) : await toText(enrolled.value, environment),
  );
  return EXIT.ok;
}

async function tryEnroll(
  command: Enroll,
  environment: Environment,
): Promise<Result<Enrolled, string>> {
  const loaded = await loadConfig(command.configPath, environment);
  if (!loaded.ok) throw new NeedsOperator(loaded.error);
  const net: NetOptions = { caFile: loaded.value.config.caFile };
  const folder = stateFolder(environment);
  await requireKnownState(folder);
  // --force is how to replace a damaged one.
  const previous = command.force
    ? await readIdentity(folder).catch(() => undefined)
    : await readIdentity(folder);
  const enrolled =
    previous === undefined || command.force
      ? await enrollAnew(command, { url: command.url, net }, environment)
      : await keepEnrollment(previous, command, { url: command.url, net }, environment);
  return enrolled.ok ? ok({ identity: enrolled.value, previous }) : enrolled;
}

interface Worker {
  readonly url: URL;
  readonly net: NetOptions;
}

async function keepEnrollment(
  identity: Identity,
  command: Enroll,
  { url, net }: Worker,
  environment: Environment,
): Promise<Result<Identity, string>> {
  // It may be spent and gone: it only says which team is meant.
  const joinToken = await readJoinToken(command.joinToken, environment).catch(() => undefined);
  const key = await readKey(stateFolder(environment), credentialsFolder(environment));
  const relayName = nameFor(command, environment);
  return checkEnrolled({ identity, key }, { url, relayName, joinToken }, net);
}

async function enrollAnew(
  command: Enroll,
  { url, net }: Worker,
  environment: Environment,
): Promise<Result<Identity, string>> {
  const folder = stateFolder(environment);
  const token = await readJoinToken(command.joinToken, environment);
  const name = nameFor(command, environment);
  environment.printError(`Enrolling "${name}" at ${url.origin}\n`);
  const key = await readOrCreateKey(folder);
  const body: EnrollRequest = {
    name,
    public_key: key.publicKey,
    proof: await createEnrollProof(token, key),
  };
  const endpoint = new URL(ENROLL_PATH, url);
  const posted = await postJson(
    { url: endpoint, headers: { authorization: `Bearer ${token}` }, body },
    net,
  );
  if (!posted.ok) {
    const remedy = remedyFor(await reachWorker(url, net), systemClock.wallMs());
    return remedy === undefined ? posted : err(`${posted.error}\n-> ${remedy}`);
  }
  const identity = readAnswer(posted.value, url);
  if (identity.ok) await writeIdentity(folder, identity.value);
  return identity;
}

function nameFor({ relayName }: Enroll, { hostName }: Environment): string {
  return relayName ?? toName(hostName, FALLBACK_NAME);
}

function toJson({ identity, previous }: Enrolled): string {
  const { relay, relay_id, team, link_url } = identity;
  const was = previous === undefined ? null : { relay: previous.relay, team: previous.team };
  const changed = isOther({ identity, previous });
  return `${JSON.stringify({ changed, relay, relay_id, team, link_url, previous: was })}\n`;
}

async function toText({ identity, previous }: Enrolled, environment: Environment): Promise<string> {
  const { relay, team } = identity;
  if (!isOther({ identity, previous })) {
    return `Enrolled already, as "${relay}" in team "${team.name}"; the worker accepts its key.\n`;
  }
  const isRunning = (await runsAlready(environment)) !== undefined;
  const next = isRunning
    ? "Next: restart the relay that runs here, which is what it was until then"
    : "Next: aimdb-relay run";
  const enrolled = `Enrolled as "${relay}" in team "${team.name}". ${next}\n`;
  if (previous === undefined) return enrolled;
  return `${enrolled}It was "${previous.relay}" in team "${previous.team.name}" and is still listed there: an owner of that team revokes it.\n`;
}

/** A worker gives the same relay again for its key and name. */
function isOther({ identity, previous }: Enrolled): boolean {
  return identity.relay_id !== previous?.relay_id || identity.link_url !== previous.link_url;
}

async function readJoinToken(source: JoinTokenSource, environment: Environment): Promise<string> {
  const text = await readSource(source, environment);
  const token = text?.trim() ?? "";
  if (token === "") {
    throw new NeedsOperator(
      "No join token. Give --join-token-file FILE, --join-token -, or AIMDB_JOIN_TOKEN.",
    );
  }
  return token;
}

async function readSource(
  source: JoinTokenSource,
  environment: Environment,
): Promise<string | undefined> {
  switch (source.from) {
    case "argument":
      environment.printError(
        "Warning: a token on the command line can be read by every user of this machine. Prefer --join-token-file.\n",
      );
      return source.token;
    case "file":
      return readFile(source.path, "utf8").catch((error: unknown) => {
        const code = errorCodeOf(error);
        throw new Error(`The join token's file ${source.path} can't be read (${code}).`, {
          cause: error,
        });
      });
    case "stdin":
      return environment.readStdin();
    case "environment":
      return environment.variables["AIMDB_JOIN_TOKEN"];
  }
}

function readAnswer({ status, body }: PostResponse, url: URL): Result<Identity, string> {
  const enrolled = safeParse(enrollResponseSchema, body);
  if (status < 300 && enrolled.success) return readLinkUrl(enrolled.data, url);
  const refused = readRefusal({ status, body }, url);
  if (!refused.ok) return refused;
  const { message, free_name } = refused.value;
  return refusedWith(
    status,
    free_name === undefined ? message : `${message} Free: --name ${free_name}`,
  );
}

/** The worker names its own link address; it must be as safe as the one that was typed. */
function readLinkUrl(identity: EnrollResponse, workerUrl: URL): Result<Identity, string> {
  const url = parseLinkUrl(identity.link_url);
  if (!url.ok) throw new NeedsOperator(`The worker named an unsafe address. ${url.error}`);
  return ok({ ...identity, enrolled_at: workerUrl.origin });
}
