/** Several who follow the same records of a device: what the device is asked, and what each of them hears. */
import { afterEach, expect, test } from "vitest";
import type { Cursor } from "#shared/link/methods/samples-read.ts";
import type { Request as LinkRequest } from "#shared/link/request.ts";
import type { Principal } from "../../../../../worker/auth/principal.ts";
import type { CallResult } from "../../../../../worker/relay/rpc.ts";
import { teamOf } from "../../../../../worker/team/stub.ts";
import { readResult, sample } from "../../../../support/link/link-samples.ts";
import { announced } from "../../../support/builders.ts";
import { call } from "../../../support/calls.ts";
import { cleanUp } from "../../../support/clean-up.ts";
import { enrollDevice, type Device } from "../../../support/device.ts";
import { evict } from "../../../support/objects.ts";
import { ScriptedRelay } from "../../../support/scripted-relay.ts";
import { createTeam, type TestTeam } from "../../../support/team.ts";
import { bindings } from "../../../support/worker.ts";

afterEach(cleanUp);

const RECORD = "sensor.temp";
const WATCH = { features: ["samples.watch"] };
const NOTHING = { entries: [], more: false };
const at = (sequence: number): Cursor => ({ epoch: "p.0", sequence });

function answer(...sequences: number[]) {
  const samples = sequences.map((sequence) => sample(at(sequence)));
  const ok = readResult({ samples, cursor: at(sequences.at(-1) ?? 0) });
  return { entries: [{ record: RECORD, ok }], more: false };
}

function watch(device: Device, principal: Principal, sequence: number): Promise<CallResult> {
  const params = {
    records: [{ record: RECORD, after: at(sequence) }],
    wait_ms: 20_000,
    max_samples: 10,
    max_bytes: 10_000,
  };
  return call(device, principal, { method: "samples.watch", params, deadlineMs: 25_000 });
}

interface Bed {
  readonly team: TestTeam;
  readonly device: Device;
  readonly relay: ScriptedRelay;
  readonly readers: readonly [Principal, Principal, Principal];
}

/** The device has heard of each: its log names them. */
async function following(): Promise<Bed> {
  const team = await createTeam();
  const device = await enrollDevice(team);
  const relay = await ScriptedRelay.connect(device, [announced()], WATCH);
  const reader = () => team.principal();
  const readers = [await reader(), await reader(), await reader()] as const;
  await introduce({ device, relay, readers });
  return { team, device, relay, readers };
}

async function introduce({ device, relay, readers }: Omit<Bed, "team">): Promise<void> {
  relay.script = () => NOTHING;
  for (const principal of readers) await watch(device, principal, 0);
  relay.script = () => undefined;
}

/** Resolves once the object has all that was asked before. */
async function settled({ device, relay, readers: [reader] }: Bed): Promise<void> {
  const asked = call(device, reader);
  relay.reply(await relay.nextRequest("record.get"), 1);
  await asked;
}

function revoke({ id }: TestTeam, { credential = "" }: Principal) {
  return teamOf(bindings, id)?.revokeAccessToken(credential, null);
}

function sequencesIn(result: CallResult): number[] {
  const given = result.ok ? (result.value as ReturnType<typeof answer>) : NOTHING;
  return given.entries.flatMap(({ ok }) => ok.samples.map(({ sequence }) => sequence ?? 0));
}

test("are one question, each with their own position in the answer [S-9]", async () => {
  const bed = await following();
  const { device, relay, readers } = bed;
  const [first, second, third] = readers;
  const asked = [watch(device, first, 5)];
  const request = await relay.nextRequest("samples.watch");
  asked.push(watch(device, second, 5), watch(device, third, 6));
  await settled(bed);
  relay.reply(request, answer(6, 7));

  expect((await Promise.all(asked)).map(sequencesIn)).toEqual([[6, 7], [6, 7], [7]]);
  expect(relay.untakenFrames).toBe(0);
});

test("are asked for one after the other by whoever is first, and a slow one catches up without the device", async () => {
  const { device, relay, readers } = await following();
  const [first, second, slow] = readers;
  for (const [principal, n] of [[first, 5] as const, [second, 6] as const]) {
    const asked = watch(device, principal, n);
    relay.reply(await relay.nextRequest("samples.watch"), answer(n + 1));
    await asked;
  }

  expect(sequencesIn(await watch(device, slow, 5))).toEqual([6]);
  expect(sequencesIn(await watch(device, slow, 6))).toEqual([7]);
  expect(relay.untakenFrames).toBe(0);
});

test("are asked for separately if they are elsewhere, like one that starts afresh", async () => {
  const { device, relay, readers } = await following();
  const [first, second] = readers;
  const here = watch(device, first, 5);
  const hereAsked = await relay.nextRequest("samples.watch");
  const before = watch(device, second, 2);
  const beforeAsked = await relay.nextRequest("samples.watch");
  relay.reply(beforeAsked, answer(3, 4));
  relay.reply(hereAsked, answer(6));

  expect([await here, await before].map(sequencesIn)).toEqual([[6], [3, 4]]);
});

test("hear nothing more if their rights have changed, and the others continue", async () => {
  const bed = await following();
  const { team, device, relay, readers } = bed;
  const [first, second, third] = readers;
  const asked = watch(device, first, 5);
  const request = await relay.nextRequest("samples.watch");
  const [heard, other] = [watch(device, second, 5), watch(device, third, 5)];
  await settled(bed);
  await revoke(team, second);
  relay.reply(request, answer(6));

  expect(await heard).toMatchObject({ ok: false, outdated: "rights" });
  expect([await asked, await other].map(sequencesIn)).toEqual([[6], [6]]);
});

test("are asked for again, once, if it was the asking one whose rights changed", async () => {
  const bed = await following();
  const { team, device, relay, readers } = bed;
  const [, second, third] = readers;
  const first = await team.principal();
  relay.script = () => NOTHING;
  await watch(device, first, 0);
  relay.script = () => undefined;
  const asked = watch(device, first, 5);
  const request = await relay.nextRequest("samples.watch");
  const others = [watch(device, second, 5), watch(device, third, 5)];
  await settled(bed);
  await revoke(team, first);
  const again = await relay.nextRequest("samples.watch");
  relay.reply(again, answer(6));

  expect(await asked).toMatchObject({ ok: false, outdated: "rights" });
  expect(await relay.nextFrame("cancel")).toEqual({ t: "cancel", id: request.id });
  expect([second.id, third.id]).toContain(again.principal);
  expect((await Promise.all(others)).map(sequencesIn)).toEqual([[6], [6]]);
  expect(relay.untakenFrames).toBe(0);
});

test("are asked for again after a link that broke, each with their own position", async () => {
  const bed = await following();
  const { device, relay, readers } = bed;
  const [first, second] = readers;
  const asked = [watch(device, first, 5)];
  await relay.nextRequest("samples.watch");
  asked.push(watch(device, second, 6));
  await settled(bed);
  await relay.break();
  const back = await ScriptedRelay.connect(device, [announced()], WATCH);
  const requests: LinkRequest[] = [];
  // The device may be a restarted one: it hears of each again.
  while (requests.length < 2) requests.push(await back.nextRequest("samples.watch"));
  for (const request of requests) back.reply(request, answer(6, 7));

  expect((await Promise.all(asked)).every(({ ok }) => ok)).toBe(true);
  expect(requests.map(({ principal }) => principal).toSorted()).toEqual(
    [first.id, second.id].toSorted(),
  );
});

test("are asked for separately by an object that forgot everything", async () => {
  const { device, relay, readers } = await following();
  const [first, second] = readers;
  const asked = watch(device, first, 5);
  relay.reply(await relay.nextRequest("samples.watch"), answer(6));
  await asked;
  await evict("RELAY", device.relay_id);
  const after = watch(device, second, 5);
  relay.reply(await relay.nextRequest("samples.watch"), answer(6));

  expect(sequencesIn(await after)).toEqual([6]);
});
