/** More calls, or frames, than a link carries. */
import { afterEach, describe, expect, test } from "vitest";
import { connected } from "../../../support/connected.ts";
import { cleanUp } from "../../../support/clean-up.ts";
import { call, write } from "../../../support/calls.ts";
import { encodeFrame } from "#shared/link/frame.ts";
import { MAX_IN_FLIGHT } from "#shared/link/limits.ts";
import { randomHex } from "../../../../../worker/auth/secret.ts";
import { DEFAULT_CALLS_IN_FLIGHT } from "../../../../../worker/mcp/caller/caller-limits.ts";
import { MAX_WAITING } from "../../../../../worker/relay/calls/fair-queue.ts";
import { UNASKED_PER_S } from "../../../../../worker/relay/link/unasked-frames.ts";
import { announced } from "../../../support/builders.ts";

afterEach(cleanUp);

describe("many calls", () => {
  test("of many principals are 64 on the link at most; the others wait for their turn [R-11]", async () => {
    const { team, device, relay } = await connected();
    const principals = await Promise.all(Array.from({ length: 9 }, () => team.principal()));
    const calls = principals.flatMap((principal) =>
      Array.from({ length: DEFAULT_CALLS_IN_FLIGHT }, () => call(device, principal)),
    );
    const first = await Promise.all(
      Array.from({ length: MAX_IN_FLIGHT }, () => relay.nextRequest()),
    );
    expect(relay.untakenFrames).toBe(0);

    for (const request of first) relay.reply(request, 1);
    const rest = calls.length - MAX_IN_FLIGHT;
    for (let n = 0; n < rest; n += 1) relay.reply(await relay.nextRequest(), 1);

    const results = await Promise.all(calls);
    expect(results.every(({ ok }) => ok)).toBe(true);
  });

  test("wait for a write to end as for any other call [R-11]", async () => {
    const { team, device, relay } = await connected();
    const written = write(device, await team.principal(["aimdb:write"]));
    const set = await relay.nextRequest("record.set");
    const principals = await Promise.all(Array.from({ length: 8 }, () => team.principal()));
    const calls = principals.flatMap((principal) =>
      Array.from({ length: DEFAULT_CALLS_IN_FLIGHT }, () => call(device, principal)),
    );
    const first = await Promise.all(
      Array.from({ length: MAX_IN_FLIGHT - 1 }, () => relay.nextRequest()),
    );
    expect(relay.untakenFrames).toBe(0);

    relay.reply(set, { outcome: "applied", record_key: "sensor.temp", echo: "same" });
    await written;
    first.push(await relay.nextRequest());

    for (const request of first) relay.reply(request, 1);
    expect((await Promise.all(calls)).every(({ ok }) => ok)).toBe(true);
  });

  test("of one principal leave room for others, and are busy if too many wait [R-11]", async () => {
    const { team, device, relay } = await connected();
    const greedy = await team.principal();
    const calls = Array.from({ length: DEFAULT_CALLS_IN_FLIGHT + MAX_WAITING }, () =>
      call(device, greedy),
    );
    const first = await Promise.all(
      Array.from({ length: DEFAULT_CALLS_IN_FLIGHT }, () => relay.nextRequest()),
    );

    expect(await call(device, greedy)).toMatchObject({
      ok: false,
      failure: { code: "busy", details: { retry_after_s: 1 } },
    });
    const other = call(device, await team.principal());
    relay.reply(await relay.nextRequest(), "for the other");
    expect(await other).toMatchObject({ ok: true, value: "for the other" });

    relay.script = () => 2;
    for (const request of first) relay.reply(request, 1);
    const results = await Promise.all(calls);
    expect(results.every(({ ok }) => ok)).toBe(true);
  });

  test("that wait for their turn end with their deadline", async () => {
    const { team, device, relay } = await connected();
    const principal = await team.principal();
    const calls = Array.from({ length: DEFAULT_CALLS_IN_FLIGHT }, () => call(device, principal));
    for (let n = 0; n < DEFAULT_CALLS_IN_FLIGHT; n += 1) await relay.nextRequest();

    expect(await call(device, principal, { deadlineMs: 20 })).toMatchObject({
      ok: false,
      failure: { code: "busy" },
    });
    await relay.end();
    await Promise.all(calls);
  });

  test("that nobody asked a relay for end the link [F-7]", async () => {
    const { device, relay } = await connected();
    const inventory = encodeFrame({
      t: "inventory",
      confirm_writes: "never",
      instances: [announced()],
      skipped: [],
    });
    for (let n = 0; n < UNASKED_PER_S * 3; n += 1) relay.send(inventory);

    expect(await relay.closed()).toMatchObject({ code: 4429 });
    expect(device.relay).toBe("gw-1");
  });

  test("that nobody made end the link: a relay with over a hundred stray replies a minute is broken [R-6]", async () => {
    const { team, device, relay } = await connected();
    const stray = (): string =>
      encodeFrame({ t: "reply", id: randomHex(16), instance: "plant", ok: 1 });

    relay.script = () => 1;
    for (let i = 0; i < 100; i += 1) relay.send(stray());
    expect(await call(device, await team.principal())).toMatchObject({ ok: true, value: 1 });
    // Wherever a minute ends among them, more than a hundred fall into one.
    for (let i = 0; i < 105; i += 1) relay.send(stray());

    expect(await relay.closed()).toMatchObject({ code: 4400 });
  });
});
