/** Reads whose link broke under them. */
import { afterEach, describe, expect, test } from "vitest";
import { connected } from "../../../support/connected.ts";
import { cleanUp } from "../../../support/clean-up.ts";
import { call } from "../../../support/calls.ts";
import { Refused, ScriptedRelay, type Script } from "../../../support/scripted-relay.ts";
import type { CallRequest } from "../../../../../worker/relay/rpc.ts";
import { sendApi } from "../../../support/worker.ts";

afterEach(cleanUp);

describe("a read that was lost with the link", () => {
  async function lost(change: Partial<CallRequest> = {}) {
    const begun = await connected();
    const { team, device, relay } = begun;
    const principal = await team.principal(["aimdb:read", "aimdb:write"]);
    const read = call(device, principal, { deadlineMs: 5_000, ...change });
    const request = await relay.nextRequest();
    await relay.break();
    return { ...begun, read, request };
  }

  test("is asked again over the next one, under another id of the same tool call", async () => {
    const { device, read, request } = await lost();

    const next = await ScriptedRelay.connect(device);
    const again = await next.nextRequest();
    next.reply(again, 7);

    expect(await read).toMatchObject({ ok: true, value: 7 });
    expect(again).toMatchObject({ method: request.method, params: request.params });
    expect(again.id).not.toBe(request.id);
    expect(again.deadline_ms).toBeLessThan(request.deadline_ms);
  });

  test("is asked twice at most", async () => {
    const { device, read } = await lost();

    const next = await ScriptedRelay.connect(device);
    await next.nextRequest();
    await next.break();
    const last = await ScriptedRelay.connect(device);

    expect(await read).toMatchObject({ ok: false, failure: { code: "link_lost" } });
    expect(last.untakenFrames).toBe(0);
  });

  test("is not asked again if the previous object asked already", async () => {
    const { device, read } = await lost({ asks: 1 });

    expect(await read).toMatchObject({ ok: false, failure: { code: "link_lost" } });
    expect((await ScriptedRelay.connect(device)).untakenFrames).toBe(0);
  });

  test("does not wait again for what it waited already", async () => {
    const params = { record: "sensor.temp", wait_ms: 4_000, limit: 10 };
    const { device, read } = await lost({ method: "samples.read", params });

    const next = await ScriptedRelay.connect(device);
    const again = await next.nextRequest();
    next.reply(again, 7);

    const { wait_ms: waitMs } = again.params as { wait_ms: number };
    expect(waitMs).toBeLessThan(4_000);
    await read;
  });

  test("is not asked again for a principal that may no longer ask", async () => {
    const { team, device, read } = await lost();
    const tokens = await sendApi(`access-tokens?team=${team.id}`, "GET");
    const { access_tokens: all } = await tokens.json<{ access_tokens: { id: string }[] }>();
    for (const { id } of all) await sendApi(`access-tokens/${id}?team=${team.id}`, "DELETE");

    const next = await ScriptedRelay.connect(device);

    expect(await read).toMatchObject({ ok: false, outdated: "rights", wasAsked: true });
    expect(next.untakenFrames).toBe(0);
  });

  test("must be a read: what takes or changes is asked once", async () => {
    const { device, read } = await lost({
      method: "record.drain",
      params: { record: "sensor.temp", limit: 1 },
    });

    expect(await read).toMatchObject({ ok: false, failure: { code: "link_lost" } });
    const next = await ScriptedRelay.connect(device);
    expect(next.untakenFrames).toBe(0);
  });
});

describe("a call whose host broke off", () => {
  const BROKEN = new Refused("instance_down", "It broke off.", { retry_after_s: 0 });

  async function asked(change: Partial<CallRequest>, script: Script) {
    const { team, device, relay } = await connected();
    const principal = await team.principal(["aimdb:read", "aimdb:write"]);
    const ids: string[] = [];
    relay.script = (request) => {
      ids.push(request.id);
      return ids.length === 1 ? BROKEN : script(request);
    };
    return { result: await call(device, principal, change), count: new Set(ids).size };
  }

  test("is asked again as a read", async () => {
    expect(await asked({}, () => 7)).toMatchObject({ result: { value: 7 }, count: 2 });
  });

  test("is asked twice at most", async () => {
    const { result, count } = await asked({}, () => BROKEN);

    expect(result).toMatchObject({ ok: false, failure: { code: "instance_down" } });
    expect(count).toBe(2);
  });

  test("is asked once if the process is not there, or something was taken", async () => {
    const gone = new Refused("instance_down", "Nobody listens.");
    const drain = { method: "record.drain", params: { record: "sensor.temp", limit: 1 } } as const;
    const { team, device, relay } = await connected();
    relay.script = () => gone;
    const read = await call(device, await team.principal());

    expect(read).toMatchObject({ ok: false, failure: { message: "Nobody listens." } });
    expect(await asked(drain, () => 7)).toMatchObject({ result: { ok: false }, count: 1 });
  });
});
