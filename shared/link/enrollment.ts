/** `POST /relay/enroll`, authorized by a join token: a device becomes a relay. */
import * as z from "zod/mini";
import { nameSchema } from "../instance-id.ts";
import { publicKeySchema } from "./dial-token.ts";

export const ENROLL_PATH = "/relay/enroll";
export const LINK_PATH = "/relay";
export const ROTATE_PATH = "/relay/rotate";

export const enrollRequestSchema = z.object({
  name: nameSchema,
  public_key: publicKeySchema,
  /** A JWT of type ENROLL_PROOF_TYPE, signed by that key. */
  proof: z.string().check(z.maxLength(2_000)),
});
export type EnrollRequest = z.infer<typeof enrollRequestSchema>;

export const enrollResponseSchema = z.object({
  relay: nameSchema,
  relay_id: z.string(),
  /** The `aud` of every dial token. */
  installation: z.string(),
  team: z.object({ id: z.string(), name: z.string() }),
  link_url: z.string(),
});
export type EnrollResponse = z.infer<typeof enrollResponseSchema>;

/** `POST /relay/rotate`, authorized by a rotate token: the relay gets a second key. */
export const rotateRequestSchema = z.object({
  public_key: publicKeySchema,
  /** A JWT of type ROTATE_PROOF_TYPE, signed by that key. */
  proof: z.string().check(z.maxLength(2_000)),
});
export type RotateRequest = z.infer<typeof rotateRequestSchema>;

export const rotateResponseSchema = z.object({
  relay: nameSchema,
  /** When the old key ends, if the new one has dialed by then; ISO-8601. */
  old_key_until: z.string(),
});
export type RotateResponse = z.infer<typeof rotateResponseSchema>;

/** The body of a refused enrollment, rotation or dial. */
export const refusalSchema = z.object({
  error: z.object({
    code: z.string(),
    message: z.string(),
    /** With 409: a name that is free. */
    free_name: z.optional(nameSchema),
    /** With `clock`: the worker's time, Unix milliseconds. Sent only to a relay whose signature is valid. */
    server_time_ms: z.optional(z.number()),
  }),
});
export type Refusal = z.infer<typeof refusalSchema>;
