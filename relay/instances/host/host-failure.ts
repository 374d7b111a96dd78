/** What went wrong between relay and host, for the caller and the operator. */
import type { AimxErrorCode } from "#shared/aimx/error-code.ts";
import { failure, type ErrorCode, type Failure } from "#shared/failure.ts";
import type { HostCallFailure, HostClose } from "./host-connection.ts";

/** For inventories, logs and `discover`: one line, why a socket can't be used. */
export function describeClose(close: HostClose): string {
  switch (close.reason) {
    case "socket":
      return describeSocketError(close.errorCode);
    case "refused":
    case "untrusted":
      return close.message;
    case "ended":
      return "The AimDB process closed the connection.";
    case "ended_silently":
      return "It closed the connection without a word: all its connections are in use, or it is not AimDB.";
    case "not_aimx":
      return "It does not speak AimX.";
    case "hello_timeout":
      return "It did not answer the AimX greeting in time.";
    case "request_timeout":
      return "The AimDB process did not answer a request in time.";
    case "line_too_long":
      return "It sent a line of more than 4 MiB.";
    case "lost_request":
      return "The AimDB process lost a request.";
    case "local":
      return "The relay closed the connection.";
  }
}

const GONE_CODES: ReadonlySet<string> = new Set(["ENOENT", "ECONNREFUSED"]);

/** Nobody is there to be asked; a host that hangs or refuses is there. */
export function isGone(close: HostClose): boolean {
  if (close.reason === "socket") return GONE_CODES.has(close.errorCode);
  return close.reason === "untrusted";
}

const SOCKET_ERRORS: Readonly<Record<string, string>> = {
  ENOENT: "Its socket file is gone.",
  ECONNREFUSED: "Nobody listens on its socket: the AimDB process has ended.",
  EACCES: "The relay's user may not open its socket. Add the user to the socket's group.",
  EAGAIN: "Its backlog of new connections is full.",
  ENOTSOCK: "It is not a socket.",
};

function describeSocketError(errorCode: string): string {
  return SOCKET_ERRORS[errorCode] ?? `The socket failed: ${errorCode}.`;
}

export function instanceDown(close: HostClose): Failure {
  return failure(
    "instance_down",
    `The relay can't reach the AimDB process. ${describeClose(close)}`,
  );
}

export const CROWDED_OUT = failure(
  "too_many_subscriptions",
  "The host's subscriptions are all in use. Try again when the other one has ended.",
);

const HOST_CODES: Readonly<Record<AimxErrorCode, ErrorCode>> = {
  not_found: "no_value",
  denied: "refused_by_host",
  invalid_value: "invalid_value",
  invalid_request: "internal",
  no_remote_access: "no_remote_access",
  unsupported: "unsupported",
  not_configured: "unsupported",
  too_many_subscriptions: "too_many_subscriptions",
  host_error: "internal",
};

/** For a request about a record that is known to exist: hosts call "no value yet" not found. */
export function toFailure(callFailure: HostCallFailure): Failure {
  switch (callFailure.type) {
    case "host":
      return callFailure.error.code === "not_found"
        ? failure(
            "no_value",
            "The record exists and holds no value: nothing was produced or written yet.",
          )
        : failure(HOST_CODES[callFailure.error.code], callFailure.error.message);
    case "timeout":
      return failure(
        "instance_slow",
        "The AimDB process took the request and did not answer in time.",
      );
    case "closed":
      return instanceDown(callFailure.close);
  }
}
