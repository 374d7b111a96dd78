/** The relay's Ed25519 key. It is made on the device and never leaves it. */
import { join } from "node:path";
import { exportJWK, generateKeyPair, importJWK, type CryptoKey, type JWK } from "jose";
import * as z from "zod/mini";
import { publicKeySchema, SIGNATURE_ALGORITHM, type PublicKey } from "#shared/link/dial-token.ts";
import { NeedsOperator } from "../needs-operator.ts";
import { readJsonIfThere, readPrivateJson, takePlaceOf, writePrivateFile } from "./state-dir.ts";

const FILE_NAME = "key.json";
/** Made by `rotate`, and not known to be registered. */
const NEXT_FILE_NAME = "key.next.json";
/** As in `LoadCredential=relay-key:…`. */
export const KEY_CREDENTIAL = "relay-key";

const privateKeySchema = z.extend(publicKeySchema, { d: z.string() });

export interface RelayKey {
  readonly publicKey: PublicKey;
  readonly sign: CryptoKey;
  /** The file it was read from. */
  readonly source: string;
}

/** A credential of the service manager takes precedence over the file that `enroll` made. */
export async function readKey(
  stateFolder: string,
  credentialsFolder?: string,
): Promise<RelayKey | undefined> {
  const fromManager = await readCredential(credentialsFolder);
  if (fromManager !== undefined) return fromManager;
  const path = join(stateFolder, FILE_NAME);
  const jwk = await readPrivateJson(path, privateKeySchema, NOT_A_KEY);
  return jwk === undefined ? undefined : toRelayKey(jwk, path);
}

const NOT_A_KEY = "is not a relay key";

/** Its mode says nothing: systemd grants the service's user access by an ACL. */
async function readCredential(folder: string | undefined): Promise<RelayKey | undefined> {
  if (folder === undefined) return undefined;
  const path = join(folder, KEY_CREDENTIAL);
  const jwk = await readJsonIfThere(path, privateKeySchema, NOT_A_KEY);
  return jwk === undefined ? undefined : toRelayKey(jwk, path);
}

/** The key is stored before it is used, so that a lost answer to `enroll` can be requested again. */
export async function readOrCreateKey(stateFolder: string): Promise<RelayKey> {
  return readOrMake(join(stateFolder, FILE_NAME));
}

/** The next key; the same one until it is adopted, for the same reason. */
export async function readOrCreateNextKey(stateFolder: string): Promise<RelayKey> {
  return readOrMake(join(stateFolder, NEXT_FILE_NAME));
}

/** Makes the next key the relay's key. */
export async function adoptNextKey(stateFolder: string): Promise<void> {
  await takePlaceOf(join(stateFolder, NEXT_FILE_NAME), join(stateFolder, FILE_NAME));
}

async function readOrMake(path: string): Promise<RelayKey> {
  const existing = await readPrivateJson(path, privateKeySchema, NOT_A_KEY);
  if (existing !== undefined) return toRelayKey(existing, path);
  const { privateKey } = await generateKeyPair(SIGNATURE_ALGORITHM, { extractable: true });
  const jwk = await exportJWK(privateKey);
  await writePrivateFile(path, JSON.stringify(jwk));
  return toRelayKey(jwk, path);
}

async function toRelayKey(jwk: JWK, source: string): Promise<RelayKey> {
  const sign = await importJWK(jwk, SIGNATURE_ALGORITHM).catch(() => undefined);
  if (sign === undefined || sign instanceof Uint8Array)
    throw new NeedsOperator(`${source} ${NOT_A_KEY}`);
  return { publicKey: publicKeySchema.parse(jwk), sign, source };
}
