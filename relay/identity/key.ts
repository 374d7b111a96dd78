/** The relay's Ed25519 key. It is made on the device and never leaves it. */
import { join } from "node:path";
import { exportJWK, generateKeyPair, importJWK, type CryptoKey, type JWK } from "jose";
import * as z from "zod/mini";
import { publicKeySchema, SIGNATURE_ALGORITHM, type PublicKey } from "#shared/link/dial-token.ts";
import { readPrivateJson, writePrivateFile } from "./state-dir.ts";

const FILE_NAME = "key.json";

const privateKeySchema = z.extend(publicKeySchema, { d: z.string() });

export interface RelayKey {
  readonly publicKey: PublicKey;
  readonly sign: CryptoKey;
}

export async function readKey(stateFolder: string): Promise<RelayKey | undefined> {
  const path = join(stateFolder, FILE_NAME);
  const jwk = await readPrivateJson(path, privateKeySchema, "is not a relay key");
  return jwk === undefined ? undefined : toRelayKey(jwk);
}

/** The key is stored before it is used, so that a lost answer to `enroll` can be asked for again. */
export async function readOrCreateKey(stateFolder: string): Promise<RelayKey> {
  const existing = await readKey(stateFolder);
  if (existing !== undefined) return existing;
  const { privateKey } = await generateKeyPair(SIGNATURE_ALGORITHM, { extractable: true });
  const jwk = await exportJWK(privateKey);
  await writePrivateFile(join(stateFolder, FILE_NAME), JSON.stringify(jwk));
  return toRelayKey(jwk);
}

async function toRelayKey(jwk: JWK): Promise<RelayKey> {
  const sign = await importJWK(jwk, SIGNATURE_ALGORITHM);
  if (sign instanceof Uint8Array) throw new Error("The relay key is not an Ed25519 key");
  return { publicKey: publicKeySchema.parse(jwk), sign };
}
