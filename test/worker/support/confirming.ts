/** Writes that wait for somebody: the device that would make them, who asks and who approves. */
import type { AwaitingWrite } from "#shared/fleet/fleet.ts";
import type { JsonValue } from "#shared/json/json.ts";
import type { Request as LinkRequest } from "#shared/link/request.ts";
import type { Scope } from "#shared/access/scope.ts";
import { authenticate } from "../../../worker/auth/authenticate.ts";
import type { Principal } from "../../../worker/auth/principal.ts";
import type { ApprovalRequest, WriteCall, WriteResult } from "../../../worker/relay/rpc.ts";
import { relayOf } from "../../../worker/relay/stub.ts";
import { teamOf } from "../../../worker/team/stub.ts";
import { write } from "./calls.ts";
import { enrollDevice, type Device } from "./device.ts";
import { inObject } from "./objects.ts";
import { addToTeam, createPerson } from "./person.ts";
import { ScriptedRelay } from "./scripted-relay.ts";
import { createTeam, type TestTeam } from "./team.ts";
import { bindings } from "./worker.ts";
import { APPLIED, reportOf } from "./writes.ts";

type Begun = Awaited<ReturnType<typeof connected>>["begun"];

/** A device of a team that confirms as `confirm` says, and the writes that reached it. */
export async function connected(confirm: "human" | "client" | undefined) {
  const team = await createTeam();
  const device = await enrollDevice(team);
  const relay = await ScriptedRelay.connect(device);
  const approver = await approverIn(team);
  const begun = { team, device, relay, approver, held: 20 as JsonValue, sent: [] as LinkRequest[] };
  await setConfirm(begun, confirm);
  relay.script = (request) => {
    const isDryRun = JSON.stringify(request.params).includes('"dry_run":true');
    if (!isDryRun) begun.sent.push(request);
    return isDryRun
      ? { outcome: "checked", record_key: "sensor.temp", current: begun.held }
      : APPLIED;
  };
  return { ...begun, begun, writer: await team.principal(["aimdb:write"]) };
}

/** A person of the team who asks for nothing. */
async function approverIn({ id }: TestTeam): Promise<ApprovalRequest["approver"]> {
  const person = await createPerson();
  await addToTeam(person, id, "operator");
  const member = await teamOf(bindings, id)?.member(person.accountId);
  return { id: member?.id ?? "", scopes: ["aimdb:write"] };
}

export async function setConfirm({ team }: { team: TestTeam }, confirm: string | undefined) {
  const rule = confirm === undefined ? { record: "*" } : { record: "*", confirm };
  await team.setWritePolicy({
    rules: [rule],
    writes_per_minute: 0,
    writes_per_minute_per_record: 0,
  });
}

/** A client to which a person gave a part of what they may. */
export async function grantedIn(team: TestTeam): Promise<Principal> {
  const person = await createPerson();
  await addToTeam(person, team.id, "operator");
  const memberId = (await teamOf(bindings, team.id)?.member(person.accountId))?.id ?? "";
  const credential = "g".repeat(16);
  const grant = { clientId: "c", scope: ["aimdb:write"], createdAt: 0, metadata: {} };
  await inObject("TEAM", team.id, ({ storage: { sql } }) => {
    sql.exec(
      "INSERT INTO oauth_entry VALUES (?, ?, NULL, NULL)",
      `grant:${team.id}.${person.accountId}:${credential}`,
      JSON.stringify({ ...grant, refreshTokenId: "r" }),
    );
  });
  const { id } = team;
  const rights = { scopes: ["aimdb:write"], rightsVersion: 1 } as const;
  return { id: memberId, person: memberId, credential, team: id, ...rights };
}

/** A person's token. */
export async function memberOf(
  team: TestTeam,
  scopes: readonly Scope[] = ["aimdb:write"],
): Promise<Principal> {
  const person = await createPerson();
  await addToTeam(person, team.id, "operator");
  const object = teamOf(bindings, team.id);
  const memberId = (await object?.member(person.accountId))?.id ?? "";
  const made = await object?.createAccessToken({
    label: "ann's",
    scopes,
    memberId,
    createdBy: memberId,
    lifetimeMs: 60_000,
    nowMs: Date.now(),
  });
  const known = await authenticate(made?.ok === true ? made.token : "", bindings);
  if (known === undefined) throw new Error("A fresh token opens nothing");
  return known.principal;
}

export async function awaiting(
  device: Device,
  principal: Principal,
  change: Partial<WriteCall> = {},
): Promise<AwaitingWrite & { id: string }> {
  const report = reportOf(await write(device, principal, change));
  if (report.status !== "awaiting_confirmation") throw new Error(JSON.stringify(report));
  return { ...report, id: report.callId.split(".")[1] ?? "" };
}

/** Of what the page shows at that moment. */
export async function approve(
  { device, team, approver }: Pick<Begun, "device" | "team" | "approver">,
  id: string,
  change: Partial<ApprovalRequest> = {},
): Promise<WriteResult> {
  const object = relayOf(bindings, device.relay_id);
  const shown = (await object.readPending({ team: team.id, id }))?.shown ?? "";
  const request = { team: team.id, id, approver, signInAgeMs: 0, shown, ...change };
  return object.approve(request);
}
