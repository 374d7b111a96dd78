/** The device's own file, its state and its key. */
import { errorText } from "#shared/text/error-text.ts";
import { access, constants, lstat, statfs } from "node:fs/promises";
import { dirname } from "node:path";
import { loadConfig, type LoadedConfig } from "../config-file.ts";
import type { Config } from "../config.ts";
import { credentialsFolder, stateFolder, type Environment } from "../environment.ts";
import { readContinuity } from "../identity/continuity.ts";
import { readIdentity, type Identity } from "../identity/identity.ts";
import { readKey, type RelayKey } from "../identity/key.ts";
import { NEWER_STATE_REMEDY, newerState } from "../identity/state-version.ts";
import { readCertificates } from "../net/agent.ts";
import { fail, pass, skip, type Check } from "./check.ts";

const OTHERS = 0o077;
const ROOT = 0;

export interface Device {
  readonly checks: readonly Check[];
  readonly config: Config | undefined;
  readonly identity: Identity | undefined;
  readonly key: RelayKey | undefined;
}

export async function checkDevice(
  configPath: string | undefined,
  environment: Environment,
): Promise<Device> {
  const { loaded, check } = await checkConfig(configPath, environment);
  const files = loaded === undefined ? [] : await checkFiles(loaded.config);
  const state = await checkState(environment);
  const { identity, check: enrollment } = await checkEnrollment(environment);
  const { key, check: keyCheck } = await checkKey(environment);
  const continuity = identity === undefined ? [] : [await checkContinuity(identity, environment)];
  const checks = [check, ...files, state, enrollment, keyCheck, ...continuity];
  return { checks, config: loaded?.config, identity, key };
}

async function checkConfig(
  configPath: string | undefined,
  environment: Environment,
): Promise<{ loaded?: LoadedConfig; check: Check }> {
  const remedy = "Correct the file; aimdb-relay config check reads it again.";
  try {
    const loaded = await loadConfig(configPath, environment);
    if (!loaded.ok) return { check: fail("config", loaded.error, remedy) };
    const { path = "No file; the defaults hold, and everything is read-only." } = loaded.value;
    return { loaded: loaded.value, check: pass("config", path) };
  } catch (error) {
    return { check: fail("config", errorText(error), "Let the relay's user read the file.") };
  }
}

/** Files that the configuration names. */
async function checkFiles({ caFile, auditLog }: Config): Promise<Check[]> {
  const checks: Check[] = [];
  if (caFile !== undefined) {
    try {
      readCertificates(caFile);
    } catch (error) {
      checks.push(fail("ca_file", errorText(error), "Correct ca_file, or its mode."));
    }
  }
  if (auditLog !== undefined && !(await canAppend(auditLog))) {
    const remedy = "Make its folder, writable for the relay's user: no write happens without it.";
    checks.push(fail("audit_log", `${auditLog} can't be written.`, remedy));
  }
  return checks;
}

async function canAppend(path: string): Promise<boolean> {
  if (await isAllowed(path, constants.W_OK)) return true;
  const exists = await isAllowed(path, constants.F_OK);
  return !exists && (await isAllowed(dirname(path), constants.W_OK | constants.X_OK));
}

async function checkState(environment: Environment): Promise<Check> {
  const folder = stateFolder(environment);
  const found = await lstat(folder).catch(() => undefined);
  if (found === undefined) {
    return fail("state", `${folder} is not there, or not to be seen.`, ENROLL);
  }
  const owner = `chown -R its files to the relay's user (${environment.userId})`;
  if (!found.isDirectory()) return fail("state", `${folder} is no folder.`, "Move it away.");
  if (found.uid !== environment.userId && environment.userId !== ROOT) {
    return fail(
      "state",
      `${folder} belongs to user ${found.uid}.`,
      `Run as that user, or ${owner}.`,
    );
  }
  if ((found.mode & OTHERS) !== 0) {
    const mode = modeOf(found.mode);
    return fail("state", `${folder} has mode ${mode}; others may look in.`, `chmod 700 ${folder}`);
  }
  if (!(await isAllowed(folder, constants.W_OK))) {
    return fail("state", `${folder} can't be written.`, "Mount it writable, or free the disk.");
  }
  const full = await whatIsUsedUp(folder);
  if (full !== undefined) {
    const remedy = "until then no write is taken, and no copy of the key noticed.";
    return fail("state", full.detail, `${full.remedy}: ${remedy}`);
  }
  return checkForm(folder, pass("state", `${folder} ${modeOf(found.mode)}`));
}

/** Some file systems, as those of containers may be, count no blocks, and some, as btrfs, no inodes. */
async function whatIsUsedUp(
  folder: string,
): Promise<{ readonly detail: string; readonly remedy: string } | undefined> {
  const { blocks, bavail, files, ffree } = await statfs(folder);
  if (blocks > 0 && bavail === 0) {
    return { detail: `The disk of ${folder} is full.`, remedy: "Free the disk" };
  }
  if (files > 0 && ffree === 0) {
    const detail = `The disk of ${folder} takes no more files: it has no free inode.`;
    return { detail, remedy: "Delete files that nobody needs; df -i shows the count" };
  }
  return undefined;
}

async function checkForm(folder: string, known: Check): Promise<Check> {
  try {
    const newer = await newerState(folder);
    return newer === undefined ? known : fail("state", newer, NEWER_STATE_REMEDY);
  } catch (error) {
    return fail("state", errorText(error), "Put the file back from a copy.");
  }
}

const ENROLL = "Enroll the device: aimdb-relay enroll URL --join-token-file FILE";

async function checkEnrollment(
  environment: Environment,
): Promise<{ identity?: Identity; check: Check }> {
  try {
    const identity = await readIdentity(stateFolder(environment));
    if (identity === undefined) {
      return { check: fail("enrollment", "This device is not enrolled.", ENROLL) };
    }
    const { relay, team, link_url } = identity;
    const detail = `"${relay}" of team "${team.name}" at ${new URL(link_url).host}`;
    return { identity, check: pass("enrollment", detail) };
  } catch (error) {
    return {
      check: fail("enrollment", errorText(error), "Enroll the device again, with --force."),
    };
  }
}

async function checkKey(environment: Environment): Promise<{ key?: RelayKey; check: Check }> {
  const credentials = credentialsFolder(environment);
  try {
    const key = await readKey(stateFolder(environment), credentials);
    if (key === undefined) return { check: skip("key", "There is none yet.", ENROLL) };
    return { key, check: pass("key", `${key.source}, readable for the relay's user only`) };
  } catch (error) {
    const remedy = "Give the file to the relay's user alone (chmod 600), or enroll with --force.";
    return { check: fail("key", errorText(error), remedy) };
  }
}

async function checkContinuity(identity: Identity, environment: Environment): Promise<Check> {
  try {
    const value = await readContinuity(stateFolder(environment), identity.relay_id);
    return value === undefined
      ? skip("continuity", "There is none yet; the first link brings it.")
      : pass("continuity", "stored: the worker notices a copy of the key");
  } catch (error) {
    const remedy = "Delete the file. The team is told once that the relay was seen twice.";
    return fail("continuity", errorText(error), remedy);
  }
}

async function isAllowed(path: string, mode: number): Promise<boolean> {
  return access(path, mode).then(
    () => true,
    () => false,
  );
}

export function modeOf(mode: number): string {
  return (mode & 0o777).toString(8).padStart(4, "0");
}
