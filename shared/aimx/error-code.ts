/**
 * Why a host did not do what it was asked. One closed list for every AimX version; each dialect maps
 * the host's own codes to it in one table. The message is for a person: what happened, what to do.
 */
export type AimxErrorCode =
  /** No such record, or no value yet: hosts answer `get` the same way for both. */
  | "not_found"
  /** The host's policy does not let this record be written. */
  | "denied"
  /** The value does not fit the record's type. */
  | "invalid_value"
  | "invalid_request"
  /** The record was built without remote access. */
  | "no_remote_access"
  /** The host's build or version lacks the operation. */
  | "unsupported"
  /** The host has no persistence behind `query`. */
  | "not_configured"
  /** The host's cap on subscriptions of one connection. */
  | "too_many_subscriptions"
  /** The host failed, or answered in a form no known version uses. */
  | "host_error";

export interface AimxError {
  readonly code: AimxErrorCode;
  readonly message: string;
}
