import { describe, expect, test } from "vitest";
import type { AimxErrorCode } from "#shared/aimx/error-code.ts";
import type { HostClose } from "../../../../relay/instances/host/host-connection.ts";
import {
  describeClose,
  instanceDown,
  isGone,
  toFailure,
} from "../../../../relay/instances/host/host-failure.ts";

test.each<[HostClose, RegExp]>([
  [{ reason: "socket", errorCode: "ENOENT" }, /file is gone/],
  [{ reason: "socket", errorCode: "ECONNREFUSED" }, /Nobody listens/],
  [{ reason: "socket", errorCode: "EACCES" }, /may not open/],
  [{ reason: "socket", errorCode: "EAGAIN" }, /backlog/],
  [{ reason: "socket", errorCode: "ENOTSOCK" }, /not a socket/],
  [{ reason: "socket", errorCode: "EXYZ" }, /EXYZ/],
  [{ reason: "refused", refusal: "token_wrong", message: "No." }, /^No\.$/],
  [{ reason: "untrusted", message: "Not ours." }, /^Not ours\.$/],
  [{ reason: "ended" }, /closed the connection/],
  [{ reason: "ended_silently" }, /without a word/],
  [{ reason: "not_aimx" }, /not speak AimX/],
  [{ reason: "hello_timeout" }, /greeting/],
  [{ reason: "request_timeout" }, /request in time/],
  [{ reason: "line_too_long" }, /4 MiB/],
  [{ reason: "lost_request" }, /lost a request/],
  [{ reason: "local" }, /relay closed/],
])("describeClose tells of %j in a sentence", (close, text) => {
  expect(describeClose(close)).toMatch(text);
  expect(describeClose(close)).toMatch(/^[A-Z].*\.$/);
});

test.each<[boolean, HostClose]>([
  [true, { reason: "socket", errorCode: "ENOENT" }],
  [true, { reason: "socket", errorCode: "ECONNREFUSED" }],
  [true, { reason: "untrusted", message: "Its socket file is gone." }],
  [false, { reason: "socket", errorCode: "EAGAIN" }],
  [false, { reason: "ended" }],
  [false, { reason: "ended_silently" }],
  [false, { reason: "hello_timeout" }],
])("isGone is %s of %j", (gone, close) => {
  expect(isGone(close)).toBe(gone);
});

test("instanceDown says why the process can't be reached", () => {
  expect(instanceDown({ reason: "socket", errorCode: "ENOENT" })).toEqual({
    code: "instance_down",
    message: "The relay can't reach the AimDB process. Its socket file is gone.",
  });
});

describe("toFailure", () => {
  test.each<[AimxErrorCode, string]>([
    ["not_found", "no_value"],
    ["denied", "refused_by_host"],
    ["invalid_value", "invalid_value"],
    ["invalid_request", "internal"],
    ["no_remote_access", "no_remote_access"],
    ["unsupported", "unsupported"],
    ["not_configured", "unsupported"],
    ["too_many_subscriptions", "too_many_subscriptions"],
    ["host_error", "internal"],
  ])("makes of a host's %s the code %s", (code, failure) => {
    expect(toFailure({ type: "host", error: { code, message: "Why." } }).code).toBe(failure);
  });

  test("keeps the host's words", () => {
    const error = { code: "denied", message: "Host: no." } as const;
    expect(toFailure({ type: "host", error }).message).toBe("Host: no.");
  });

  test("calls a late answer instance_slow and a lost connection instance_down", () => {
    expect(toFailure({ type: "timeout" }).code).toBe("instance_slow");
    expect(toFailure({ type: "closed", close: { reason: "ended" }, sent: true }).code).toBe(
      "instance_down",
    );
  });
});
