/** A device with its key: what `aimdb-relay enroll` leaves behind, and the tokens it signs. */
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import {
  DIAL_TOKEN_TYPE,
  ENROLL_PROOF_TYPE,
  publicKeySchema,
  SIGNATURE_ALGORITHM,
  type PublicKey,
} from "#shared/link/dial-token.ts";
import { enrollResponseSchema, type EnrollResponse } from "#shared/link/enrollment.ts";
import { hashSecret, randomHex } from "../../../worker/auth/secret.ts";
import type { TestTeam } from "./team.ts";
import { bearer, fetchWorker } from "./worker.ts";

export interface DeviceKey {
  readonly sign: CryptoKey;
  readonly publicKey: PublicKey;
}

export interface Device extends EnrollResponse {
  readonly key: DeviceKey;
}

export async function createKey(): Promise<DeviceKey> {
  const pair = await generateKeyPair(SIGNATURE_ALGORITHM, { crv: "Ed25519", extractable: true });
  return {
    sign: pair.privateKey,
    publicKey: publicKeySchema.parse(await exportJWK(pair.publicKey)),
  };
}

export async function signedProof(key: DeviceKey, joinToken: string): Promise<string> {
  return new SignJWT({ join: await hashSecret(joinToken) })
    .setProtectedHeader({ alg: SIGNATURE_ALGORITHM, typ: ENROLL_PROOF_TYPE })
    .sign(key.sign);
}

export function postEnrollment(joinToken: string, body: unknown): Promise<Response> {
  return fetchWorker("/relay/enroll", {
    method: "POST",
    headers: bearer(joinToken),
    body: JSON.stringify(body),
  });
}

export async function enrollDevice(
  team: TestTeam,
  name = "gw-1",
  known?: DeviceKey,
): Promise<Device> {
  const key = known ?? (await createKey());
  const joinToken = await team.joinToken();
  const proof = await signedProof(key, joinToken);
  const response = await postEnrollment(joinToken, { name, public_key: key.publicKey, proof });
  return { ...enrollResponseSchema.parse(await response.json()), key };
}

export interface DialTokenChange {
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly header?: Readonly<Record<string, string>>;
  readonly signWith?: CryptoKey | Uint8Array;
}

/** As the relay makes it, but for what the test changes. An undefined claim is left out. */
export function createDialToken(
  { relay_id, installation, key }: Pick<Device, "relay_id" | "installation" | "key">,
  { claims = {}, header = {}, signWith = key.sign }: DialTokenChange = {},
): Promise<string> {
  const iat = Math.floor(Date.now() / 1000);
  return new SignJWT({
    iss: relay_id,
    sub: relay_id,
    aud: installation,
    iat,
    exp: iat + 60,
    jti: randomHex(16),
    ...claims,
  })
    .setProtectedHeader({ alg: SIGNATURE_ALGORITHM, typ: DIAL_TOKEN_TYPE, ...header })
    .sign(signWith);
}
