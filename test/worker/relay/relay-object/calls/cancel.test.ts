/** Callers that go away: what ends at the object and on the link, and what goes on. */
import { afterEach, expect, test } from "vitest";
import type { Principal } from "../../../../../worker/auth/principal.ts";
import { newCause } from "../../../../../worker/relay/calls/call-id.ts";
import type { CallRequest, CallResult } from "../../../../../worker/relay/rpc.ts";
import { relayOf } from "../../../../../worker/relay/stub.ts";
import { readResult, sample } from "../../../../support/link/link-samples.ts";
import { announced } from "../../../support/builders.ts";
import { call, write } from "../../../support/calls.ts";
import { cleanUp } from "../../../support/clean-up.ts";
import { enrollDevice, type Device } from "../../../support/device.ts";
import { ScriptedRelay } from "../../../support/scripted-relay.ts";
import { createTeam } from "../../../support/team.ts";
import { APPLIED } from "../../../support/writes.ts";
import { bindings } from "../../../support/worker.ts";

afterEach(cleanUp);

const CANCELLED = { ok: false, failure: { code: "cancelled" } };
const AT = { epoch: "p.0", sequence: 5 };

function waiting(more: Partial<CallRequest> = {}): Partial<CallRequest> {
  const params = { record: "a", after: AT, wait_ms: 20_000, max_samples: 9, max_bytes: 9_000 };
  return { method: "samples.read", params, deadlineMs: 25_000, ...more };
}

function watching(): Partial<CallRequest> {
  const records = [{ record: "a", after: AT }];
  const params = { records, wait_ms: 20_000, max_samples: 9, max_bytes: 9_000 };
  return waiting({ method: "samples.watch", params });
}

async function begin() {
  const team = await createTeam();
  const device = await enrollDevice(team);
  const relay = await ScriptedRelay.connect(device, [announced()], { features: ["samples.watch"] });
  const principal = await team.principal(["aimdb:read", "aimdb:write"]);
  /** The same principal, with tool calls of its own. */
  const caller = (): Principal & { readonly cause: string } => ({
    ...principal,
    cause: newCause(),
  });
  return { team, device, relay, caller };
}

function cancel({ relay_id, team }: Device, { cause = "" }: Principal, of = team.id) {
  return relayOf(bindings, relay_id).cancel({ team: of, cause });
}

test("a read ends with its caller, at the device too, and nobody else's does [R-19]", async () => {
  const { device, relay, caller } = await begin();
  const gone = caller();
  const theirs = call(device, gone, waiting());
  const { id } = await relay.nextRequest();
  const mine = call(device, caller(), waiting());
  const request = await relay.nextRequest();
  await cancel(device, gone);

  expect(await theirs).toMatchObject(CANCELLED);
  expect(await relay.nextFrame("cancel")).toEqual({ t: "cancel", id });
  relay.reply(request, 7);
  expect(await mine).toMatchObject({ ok: true, value: 7 });
});

test("the places of those that wait are freed at once", async () => {
  const { device, relay, caller } = await begin();
  const gone = caller();
  const all: Promise<CallResult>[] = [];
  for (let n = 0; n < 12; n += 1) all.push(call(device, gone, waiting()));
  for (let n = 0; n < 12; n += 1) await relay.nextRequest();
  const oneMore = await call(device, caller(), waiting());
  await cancel(device, gone);
  const next = call(device, caller(), waiting());
  relay.reply(await relay.nextRequest(), 7);

  expect(oneMore).toMatchObject({ failure: { code: "busy" } });
  expect(await Promise.all(all)).toMatchObject(all.map(() => CANCELLED));
  expect(await next).toMatchObject({ ok: true, value: 7 });
});

test("a call that waits for a turn, or for a relay on its way back, stops waiting", async () => {
  const { device, relay, caller } = await begin();
  const [running, queued, awaiting] = [caller(), caller(), caller()];
  const all: Promise<CallResult>[] = [];
  for (let n = 0; n < 8; n += 1) all.push(call(device, running, { deadlineMs: 20_000 }));
  for (let n = 0; n < 8; n += 1) await relay.nextRequest();
  const inTurn = call(device, queued, { deadlineMs: 20_000 });
  await cancel(device, queued);
  const turned = await inTurn;
  await cancel(device, running);
  await Promise.all(all);
  await relay.break();
  const back = call(device, awaiting, { deadlineMs: 20_000 });
  await cancel(device, awaiting);

  expect([turned, await back]).toMatchObject([CANCELLED, CANCELLED]);
});

test("a question that others share continues for them", async () => {
  const { team, device, relay } = await begin();
  const [one, other] = [await team.principal(), await team.principal()];
  relay.script = () => ({ entries: [], more: false });
  for (const reader of [one, other]) await call(device, reader, watching());
  relay.script = () => undefined;
  const gone = { ...one, cause: newCause() };
  const asked = call(device, gone, watching());
  const request = await relay.nextRequest("samples.watch");
  const heard = call(device, other, watching());
  // Behind this the object has all that was asked before.
  const last = call(device, other);
  relay.reply(await relay.nextRequest("record.get"), 1);
  await last;
  await cancel(device, gone);
  const next = { epoch: "p.0", sequence: 6 };
  const ok = readResult({ samples: [sample(next)], cursor: next });
  relay.reply(request, { entries: [{ record: "a", ok }], more: false });

  expect([await asked, await heard]).toMatchObject([CANCELLED, { ok: true }]);
  expect(relay.untakenFrames).toBe(0);
});

test("a write continues, and so does what takes from the host [R-19]", async () => {
  const { device, relay, caller } = await begin();
  const gone = caller();
  const take = { method: "record.drain", params: { record: "a", limit: 1 } } as const;
  const taken = call(device, gone, { ...take, deadlineMs: 5_000 });
  const drain = await relay.nextRequest("record.drain");
  const written = write(device, gone);
  const set = await relay.nextRequest("record.set");
  await cancel(device, gone);
  relay.reply(drain, 7);
  relay.reply(set, APPLIED);

  expect(await taken).toMatchObject({ ok: true, value: 7 });
  expect(await written).toMatchObject({ ok: true, report: { outcome: { outcome: "applied" } } });
  expect(relay.untakenFrames).toBe(0);
});

test("what is asked after that does not reach the device", async () => {
  const { device, relay, caller } = await begin();
  const gone = caller();
  await cancel(device, gone);

  expect(await call(device, gone)).toMatchObject(CANCELLED);
  expect(relay.untakenFrames).toBe(0);
});

test("another team can't end it", async () => {
  const { device, relay, caller } = await begin();
  const mine = caller();
  const read = call(device, mine);
  const request = await relay.nextRequest();
  await cancel(device, mine, (await createTeam("other")).id);
  relay.reply(request, 7);

  expect(await read).toMatchObject({ ok: true, value: 7 });
});
