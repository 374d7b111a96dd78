import { rm } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { probe } from "../../../relay/discovery/probe.ts";
import { connectHost } from "../../../relay/instances/host/connect.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { startHost, VERSIONS } from "../support/host-side/host.ts";
import { startSocket } from "../support/host-side/scripted-socket.ts";
import { until } from "../support/until.ts";

/** Time stands still but for what a test adds. */
function begin(socketPath: string) {
  const clock = new ManualClock();
  return { clock, result: probe(socketPath, { connect: connectHost, clock }) };
}

describe("probe", () => {
  test.each(VERSIONS)("greets an AimX %s host and leaves", async (aimx) => {
    const host = await startHost({ aimx });

    const { result, clock } = begin(host.socketPath);

    expect(await result).toMatchObject({
      ok: true,
      value: {
        protocolVersion: aimx,
        server: "aimdb",
        permissions: ["read", "write"],
        maxSubscriptions: 8,
        authenticated: false,
      },
    });
    await until("the host sees the end", () => host.connectionCount === 0);
    expect(host.acceptedCount).toBe(1);
    expect(clock.timerCount).toBe(0);
  });

  test("tells that a host asks for a token", async () => {
    const host = await startHost({ aimx: "1.0", config: { authToken: "x" } });
    expect(await begin(host.socketPath).result).toMatchObject({
      error: { reason: "refused", refusal: "token_required" },
    });
  });

  test("gives up on a host that hangs after half a second", async () => {
    const host = await startHost({ aimx: "3.0", faults: { hang: true } });
    const { clock, result } = begin(host.socketPath);
    await until("the connection", () => host.connectionCount === 1);

    clock.advance(499);
    expect(clock.timerCount).toBe(1);
    clock.advance(1);

    expect(await result).toEqual({ ok: false, error: { reason: "hello_timeout" } });
  });

  test("tells a socket file that nobody listens at", async () => {
    const host = await startHost({ aimx: "3.0" });
    await host.close({ leaveSocketFile: true });
    expect(await begin(host.socketPath).result).toEqual({
      ok: false,
      error: { reason: "socket", errorCode: "ECONNREFUSED" },
    });
  });

  test("tells a path where nothing is", async () => {
    const host = await startHost({ aimx: "3.0" });
    await rm(host.socketPath);
    expect(await begin(host.socketPath).result).toEqual({
      ok: false,
      error: { reason: "socket", errorCode: "ENOENT" },
    });
  });

  test("asks a program that closes without a word in every form of greeting", async () => {
    const other = await startSocket((socket) => socket.destroy());

    expect(await begin(other.socketPath).result).toEqual({
      ok: false,
      error: { reason: "ended_silently" },
    });
    expect(other.connectionCount).toBe(3);
  });

  test("finds a later host that takes only its own greeting", async () => {
    const welcome =
      '{"t":"reply","id":1,"ok":{"version":"3.1","server":"aimdb","permissions":["read"]}}';
    const other = await startSocket((socket, line) => {
      const isStrict = "version" in (JSON.parse(line) as object);
      if (isStrict) socket.destroy();
      else socket.write(`${welcome}\n`);
    });

    expect(await begin(other.socketPath).result).toMatchObject({
      value: { protocolVersion: "3.1", maxSubscriptions: null },
    });
    expect(other.connectionCount).toBe(2);
  });

  test("ends all its forms together after half a second", async () => {
    const other = await startSocket((socket, line) => {
      if ("t" in (JSON.parse(line) as object) && "version" in (JSON.parse(line) as object)) {
        socket.destroy();
      }
    });
    const { clock, result } = begin(other.socketPath);
    clock.advance(300);
    await until("the second form", () => other.connectionCount === 2);

    clock.advance(200);

    expect(await result).toMatchObject({ ok: false, error: { reason: "hello_timeout" } });
  });

  test.each([
    ["an HTTP server", "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n"],
    ["a mail server", "220 mail ready\r\n"],
    ["bytes that are no text", "\u0000\u0001\ufffd\n"],
    ["JSON of another kind", '{"jsonrpc":"2.0","id":1,"result":{}}\n'],
    ["a list", "[]\n"],
  ])("tells %s from AimDB", async (_name, answer) => {
    const other = await startSocket((socket) => socket.write(answer));

    expect(await begin(other.socketPath).result).toEqual({
      ok: false,
      error: { reason: "not_aimx" },
    });
    expect(other.connectionCount).toBe(1);
  });

  test("tells a program that speaks first and is not AimDB", async () => {
    const other = await startSocket(
      () => {},
      (socket) => socket.write("hello?\n"),
    );
    expect(await begin(other.socketPath).result).toMatchObject({ error: { reason: "not_aimx" } });
  });

  test("drops a line that does not end", async () => {
    const other = await startSocket((socket) => {
      const piece = "x".repeat(256 * 1024);
      const more = () => {
        while (socket.writable && socket.write(piece));
      };
      socket.on("drain", more);
      more();
    });
    expect(await begin(other.socketPath).result).toEqual({
      ok: false,
      error: { reason: "line_too_long" },
    });
  });

  test("tells a version that is not known yet", async () => {
    const other = await startSocket((socket) =>
      socket.write('{"t":"reply","id":1,"err":"version_mismatch"}\n'),
    );
    expect(await begin(other.socketPath).result).toMatchObject({
      error: { reason: "refused", refusal: "unknown_version" },
    });
  });
});
