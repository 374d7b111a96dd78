/** `aimdb-relay enroll`: this device becomes a relay of a team. */
import { readFile } from "node:fs/promises";
import { toName } from "#shared/instance-id.ts";
import { ENROLL_PATH, enrollResponseSchema, type EnrollRequest } from "#shared/link/enrollment.ts";
import { err, ok, type Result } from "#shared/result.ts";
import type { Command, JoinTokenSource } from "../cli.ts";
import { loadConfig } from "../config-file.ts";
import { reachWorker } from "../doctor/reach-worker.ts";
import { remedyFor } from "../doctor/worker-checks.ts";
import { stateFolder, type Environment } from "../environment.ts";
import { errorCodeOf } from "../error-code.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { readIdentity, writeIdentity, type Identity } from "../identity/identity.ts";
import { readOrCreateKey } from "../identity/key.ts";
import { requireKnownState } from "../identity/state-version.ts";
import { createEnrollProof } from "../identity/tokens.ts";
import type { NetOptions } from "../net/agent.ts";
import { postJson, type PostResponse } from "../net/post-json.ts";
import { readRefusal } from "../net/refusal.ts";
import { parseLinkUrl, parseWorkerUrl } from "../net/worker-url.ts";
import { safeParse } from "#shared/safe-parse.ts";

type Enroll = Extract<Command, { name: "enroll" }>;

const FALLBACK_NAME = "relay";

export async function enroll(command: Enroll, environment: Environment): Promise<ExitCode> {
  const enrolled = await tryEnroll(command, environment);
  if (!enrolled.ok) {
    environment.printError(`${enrolled.error}\n`);
    return EXIT.failed;
  }
  const { relay, team } = enrolled.value;
  environment.print(`Enrolled as "${relay}" in team "${team.name}". Next: aimdb-relay run\n`);
  return EXIT.ok;
}

async function tryEnroll(
  command: Enroll,
  environment: Environment,
): Promise<Result<Identity, string>> {
  const url = parseWorkerUrl(command.url);
  if (!url.ok) return url;
  const loaded = await loadConfig(command.configPath, environment);
  if (!loaded.ok) return loaded;
  const folder = stateFolder(environment);
  await requireKnownState(folder);
  // Not even looked at with --force, which is how to replace a damaged one.
  const existing = command.force ? undefined : await readIdentity(folder);
  if (existing !== undefined) {
    return err(
      `This device is enrolled already, as "${existing.relay}" in team "${existing.team.name}". --force enrolls it anew.`,
    );
  }
  const token = await readJoinToken(command.joinToken, environment);
  if (!token.ok) return token;

  const name = command.relayName ?? toName(environment.hostName, FALLBACK_NAME);
  environment.printError(`Enrolling "${name}" at ${url.value.origin}\n`);
  const key = await readOrCreateKey(folder);
  const body: EnrollRequest = {
    name,
    public_key: key.publicKey,
    proof: await createEnrollProof(token.value, key),
  };
  const net: NetOptions = { caFile: loaded.value.config.caFile };
  const endpoint = new URL(ENROLL_PATH, url.value);
  const posted = await postJson(
    { url: endpoint, headers: { authorization: `Bearer ${token.value}` }, body },
    net,
  );
  if (!posted.ok) {
    const remedy = remedyFor(await reachWorker(url.value, net));
    return remedy === undefined ? posted : err(`${posted.error}\n-> ${remedy}`);
  }
  const identity = readAnswer(posted.value, url.value);
  if (identity.ok) await writeIdentity(folder, identity.value);
  return identity;
}

async function readJoinToken(
  source: JoinTokenSource,
  environment: Environment,
): Promise<Result<string, string>> {
  const text = await readSource(source, environment);
  const token = text?.trim() ?? "";
  if (token === "") {
    return err("No join token. Give --join-token-file FILE, --join-token -, or AIMDB_JOIN_TOKEN.");
  }
  return ok(token);
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
  if (status < 300 && enrolled.success) return readLinkUrl(enrolled.data);
  const refused = readRefusal({ status, body }, url);
  if (!refused.ok) return refused;
  const { message, free_name } = refused.value;
  return err(free_name === undefined ? message : `${message} Free: --name ${free_name}`);
}

/** The worker names its own link address; it must be as safe as the one that was typed. */
function readLinkUrl(identity: Identity): Result<Identity, string> {
  const url = parseLinkUrl(identity.link_url);
  return url.ok ? ok(identity) : err(`The worker named an unsafe address. ${url.error}`);
}
