/** Shows that who registers a key holds it, and knows the token that the registration came with. */
import { importJWK, jwtVerify } from "jose";
import { SIGNATURE_ALGORITHM, type PublicKey } from "#shared/link/dial-token.ts";
import type { HttpError } from "../../http/answer/error-response.ts";

export interface KeyProof {
  readonly public_key: PublicKey;
  /** Signed by that key. */
  readonly proof: string;
}

/** What the proof says; undefined unless the key itself signed it, as a proof of this type. */
export async function provenClaims({ public_key, proof }: KeyProof, typ: string): Promise<unknown> {
  try {
    const key = await importJWK({ ...public_key }, SIGNATURE_ALGORITHM);
    return (await jwtVerify(proof, key, { algorithms: [SIGNATURE_ALGORITHM], typ })).payload;
  } catch {
    return undefined;
  }
}

export const UNPROVEN: HttpError = {
  status: 400,
  code: "invalid_proof",
  message: "The request is not signed by the key it registers.",
};
