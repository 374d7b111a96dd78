import { afterEach, describe, expect, test } from "vitest";
import type { WriteReport } from "#shared/fleet/fleet.ts";
import type { ApprovalRequest } from "../../../../../worker/relay/rpc.ts";
import type { Remote } from "../../../../../worker/object-namespace.ts";
import { relayOf } from "../../../../../worker/relay/stub.ts";
import type { TeamRpc } from "../../../../../worker/team/rpc.ts";
import { write } from "../../../support/calls.ts";
import { cleanUp } from "../../../support/clean-up.ts";
import { inObject } from "../../../support/objects.ts";
import { createTeam, teamObject } from "../../../support/team.ts";
import { bindings, ORIGIN } from "../../../support/worker.ts";
import { connected, setConfirm, awaiting, approve } from "../../../support/confirming.ts";
import { APPLIED, reportOf } from "../../../support/writes.ts";

afterEach(cleanUp);

describe("a write that a person must confirm", () => {
  test.each(["human", undefined] as const)(
    "is checked, waits and is not sent, by the policy %s",
    async (confirm) => {
      const { device, writer, sent } = await connected(confirm);
      const before = Date.now();

      const report = await awaiting(device, writer);

      expect(report).toMatchObject({
        by: "human",
        current: 20,
        requested: 1,
        confirmUrl: `${ORIGIN}/confirm/${report.callId}`,
      });
      const waitMs = Date.parse(report.expiresAt) - before;
      expect(waitMs).toBeGreaterThanOrEqual(600_000);
      expect(waitMs).toBeLessThan(610_000);
      expect(sent).toEqual([]);
    },
  );

  test("is the same when it is asked again: calling confirms nothing", async () => {
    const { device, writer, sent } = await connected("human");
    const first = await awaiting(device, writer);

    const again = await awaiting(device, writer);
    const other = await awaiting(device, writer, { value: 2 });

    expect(again.callId).toBe(first.callId);
    expect(other.callId).not.toBe(first.callId);
    expect(sent).toEqual([]);
  });

  test("is executed once when the person approves, as approved by a human", async () => {
    const { begun, device, writer, sent } = await connected("human");
    const { id } = await awaiting(device, writer);

    const results = await Promise.all([approve(begun, id), approve(begun, id)]);

    expect(results.map(reportOf)).toContainEqual(
      expect.objectContaining({ status: "ended", outcome: APPLIED }),
    );
    expect(sent).toMatchObject([{ id, params: { record: "sensor.temp", approval: "human" } }]);
    expect(reportOf(await approve(begun, id))).toMatchObject({ outcome: APPLIED });
    expect(sent).toHaveLength(1);
  });

  test("is shown to its team only", async () => {
    const { device, team, writer, approver } = await connected("human");
    const { id, callId } = await awaiting(device, writer);
    const object = relayOf(bindings, device.relay_id);
    const other = await createTeam("other");

    expect(await object.readPending({ team: team.id, id })).toMatchObject({
      report: { callId, requested: 1, current: 20 },
      principal: writer.id,
      person: null,
    });
    expect(await object.readPending({ team: other.id, id })).toBeNull();
    expect(await object.readPending({ team: team.id, id: "0".repeat(32) })).toBeNull();
    expect(await approve({ device, approver, team: other }, id)).toEqual(
      await approve({ device, approver, team: other }, "0".repeat(32)),
    );
  });

  test.each<[string, Partial<ApprovalRequest>, string]>([
    ["who signed in long ago", { signInAgeMs: 900_001 }, "unauthenticated"],
    ["who may not write", { approver: { id: "v", scopes: ["aimdb:read"] } }, "insufficient_scope"],
  ])("is not executed for somebody %s", async (_name, change, code) => {
    const { begun, device, writer, sent } = await connected("human");
    const { id } = await awaiting(device, writer);

    expect(await approve(begun, id, change)).toMatchObject({ ok: false, failure: { code } });
    expect(sent).toEqual([]);
  });

  test("is shown again if the record changed since", async () => {
    const { begun, device, writer, sent } = await connected("human");
    const { id } = await awaiting(device, writer);
    begun.held = 25;

    expect(await approve(begun, id)).toMatchObject({ ok: false, failure: { code: "conflict" } });
    expect(sent).toEqual([]);
    expect(reportOf(await approve(begun, id))).toMatchObject({ outcome: APPLIED });
  });

  test("is not approved by a person who saw an older value, even if another looked since", async () => {
    const { begun, device, team, writer, sent } = await connected("human");
    const { id } = await awaiting(device, writer);
    const object = relayOf(bindings, device.relay_id);
    const seen = await object.readPending({ team: team.id, id });
    begun.held = 25;
    await approve(begun, id);

    const late = await approve(begun, id, { shown: seen?.shown ?? "" });

    expect(late).toMatchObject({ ok: false, failure: { code: "conflict" } });
    expect(sent).toEqual([]);
  });

  test.each([
    ["has left", (team: Remote<TeamRpc>, id: string) => team.removeMember(id)],
    ["may write no more", (team: Remote<TeamRpc>, id: string) => team.setRole(id, "viewer")],
  ])("is not made on the word of a person who %s meanwhile", async (_what, change) => {
    const { begun, device, team, writer, approver, sent } = await connected("human");
    const { id } = await awaiting(device, writer);
    await change(teamObject(team.id), approver.id);

    expect(reportOf(await approve(begun, id))).toMatchObject({
      outcome: { outcome: "refused", code: "insufficient_scope" },
    });
    expect(sent).toEqual([]);
  });

  test("ends when it is declined", async () => {
    const { begun, device, team, writer, approver, sent } = await connected("human");
    const { id } = await awaiting(device, writer);
    const object = relayOf(bindings, device.relay_id);

    const declined = await object.decline({ team: team.id, id, approver });

    expect(reportOf(declined)).toMatchObject({ status: "declined" });
    expect(reportOf(await approve(begun, id))).toMatchObject({ status: "declined" });
    expect(sent).toEqual([]);
  });

  test("ends if nobody decides in time", async () => {
    const { begun, device, writer, sent } = await connected("human");
    const { id } = await awaiting(device, writer);
    await inObject("RELAY", device.relay_id, ({ storage: { sql } }) => {
      sql.exec("UPDATE write_call SET expires_at = 1");
    });

    expect(reportOf(await approve(begun, id))).toMatchObject({ status: "expired" });
    expect(sent).toEqual([]);
  });

  test("needs more if the rules became stricter since", async () => {
    const { begun, device, writer, sent } = await connected("client");
    const asks = { form: true, url: false };
    const { id } = await awaiting(device, writer, { asks });
    await setConfirm(begun, "human");

    const answered = await relayOf(bindings, device.relay_id).answerWrite({
      principal: writer,
      id,
      accepted: true,
    });

    expect(reportOf(answered)).toMatchObject({
      outcome: { outcome: "refused", code: "confirmation_required" },
    });
    expect(sent).toEqual([]);
  });

  test("is refused by the device before anybody is bothered", async () => {
    const { device, relay, writer } = await connected("human");
    relay.script = () => ({ outcome: "refused", code: "refused_by_device", message: "Too hot." });

    expect(reportOf(await write(device, writer))).toMatchObject({
      status: "ended",
      outcome: { outcome: "refused", code: "refused_by_device" },
    });
  });

  test("is one of three of a principal and ten of the team", async () => {
    const { device, team, writer } = await connected("human");
    const reports: WriteReport[] = [];
    for (let value = 0; value < 4; value += 1) {
      reports.push(reportOf(await write(device, writer, { value })));
    }
    for (let n = 0; n < 8; n += 1) {
      reports.push(reportOf(await write(device, { ...writer, id: `p${n}` }, { value: n })));
    }

    expect(reports[3]).toMatchObject({ outcome: { outcome: "refused", code: "too_many_pending" } });
    expect(reports.filter(({ status }) => status === "awaiting_confirmation")).toHaveLength(10);
    expect(team.id).not.toBe("");
  });

  test("frees its place when it is decided", async () => {
    const { begun, device, writer } = await connected("human");
    for (let value = 0; value < 3; value += 1) {
      await approve(begun, (await awaiting(device, writer, { value })).id);
    }

    expect(await awaiting(device, writer, { value: 9 })).toMatchObject({ by: "human" });
  });
});

describe("a write that a client must confirm", () => {
  const asks = { form: true, url: false };

  test("waits two minutes for it, and without a form for a person", async () => {
    const { device, writer } = await connected("client");
    const before = Date.now();

    const asked = await awaiting(device, writer, { asks });
    const fallen = await awaiting(device, writer, { value: 2 });

    expect(asked).toMatchObject({ by: "client" });
    expect(asked.confirmUrl).toBeUndefined();
    expect(Date.parse(asked.expiresAt) - before).toBeLessThan(125_000);
    expect(fallen).toMatchObject({ by: "human" });
  });

  test("is executed on the client's word, and can't be approved by a person", async () => {
    const { begun, device, writer, sent } = await connected("client");
    const { id } = await awaiting(device, writer, { asks });
    const object = relayOf(bindings, device.relay_id);

    expect(await approve(begun, id)).toMatchObject({ failure: { code: "unknown_call" } });
    const answered = await object.answerWrite({ principal: writer, id, accepted: true });

    expect(reportOf(answered)).toMatchObject({ outcome: APPLIED });
    expect(sent).toMatchObject([{ params: { approval: "client" } }]);
  });

  test("is not executed on another principal's word, nor on one that says no", async () => {
    const { device, team, writer, sent } = await connected("client");
    const { id } = await awaiting(device, writer, { asks });
    const object = relayOf(bindings, device.relay_id);
    const other = await team.principal(["aimdb:write"]);

    const foreign = await object.answerWrite({ principal: other, id, accepted: true });
    const no = await object.answerWrite({ principal: writer, id, accepted: false });
    const late = await object.answerWrite({ principal: writer, id, accepted: true });

    expect(foreign).toMatchObject({ ok: false, failure: { code: "unknown_call" } });
    expect([reportOf(no), reportOf(late)]).toMatchObject([
      { status: "declined" },
      { status: "declined" },
    ]);
    expect(sent).toEqual([]);
  });

  test("is also one whose device asks for a confirmation, although its team asks for none", async () => {
    const { device, relay, team, writer } = await connected("client");
    await team.setWritePolicy({ rules: [{ record: "*", confirm: "never" }] });
    relay.confirmWrites = "always";
    await relay.announce(device, [
      { ...ANNOUNCED, name: "plant" },
      { ...ANNOUNCED, name: "b" },
    ]);

    expect(await awaiting(device, writer, { asks })).toMatchObject({ by: "client" });
  });
});

const ANNOUNCED = {
  name: "plant",
  socket_path: "/tmp/plant.sock",
  state: "up",
  record_count: 1,
  writable_count: 1,
} as const;

describe("a write that its device holds", () => {
  test("waits there, and its outcome is asked for", async () => {
    const { device, relay, writer } = await connected("human");
    relay.confirmWrites = "local";
    await relay.announce(device, [{ ...ANNOUNCED }, { ...ANNOUNCED, name: "b" }]);
    relay.script = ({ params }) =>
      JSON.stringify(params).includes("dry_run")
        ? { outcome: "checked", record_key: "sensor.temp" }
        : { outcome: "awaiting_local", record_key: "sensor.temp", expires_in_ms: 600_000 };

    const report = await awaiting(device, writer);
    expect(report).toMatchObject({ by: "device" });
    expect(report.confirmUrl).toBeUndefined();

    const asking = relayOf(bindings, device.relay_id).writeReport({
      principal: writer,
      id: report.id,
    });
    expect(await relay.nextFrame("outcome")).toEqual({ t: "outcome", ids: [report.id] });
    relay.tell([{ id: report.id, state: "ended", outcome: APPLIED }]);
    expect(reportOf(await asking)).toMatchObject({ outcome: APPLIED });
  });

  test.each([-1e300, 1e300])("for %d ms by its own word is reported all the same", async (ms) => {
    const { device, relay, writer } = await connected("human");
    relay.confirmWrites = "local";
    await relay.announce(device, [{ ...ANNOUNCED }, { ...ANNOUNCED, name: "b" }]);
    relay.script = ({ params }) =>
      JSON.stringify(params).includes("dry_run")
        ? { outcome: "checked", record_key: "sensor.temp" }
        : { outcome: "awaiting_local", record_key: "sensor.temp", expires_in_ms: ms };

    const report = await awaiting(device, writer);

    expect(report).toMatchObject({ by: "device" });
    expect(Math.abs(Date.parse(report.expiresAt) - Date.now())).toBeLessThan(2 * 86_400_000);
  });
});
