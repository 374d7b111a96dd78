/** Writes that come, or are approved, while a relay is on its way back: nothing was sent, so nothing can happen twice. */
import { afterEach, describe, expect, test } from "vitest";
import { relayOf } from "../../../../../worker/relay/stub.ts";
import { teamOf } from "../../../../../worker/team/stub.ts";
import { breakOff, broken, reset } from "../../../support/away.ts";
import { call, write } from "../../../support/calls.ts";
import { cleanUp } from "../../../support/clean-up.ts";
import { approve, awaiting, connected } from "../../../support/confirming.ts";
import type { Device } from "../../../support/device.ts";
import { evict, inObject } from "../../../support/objects.ts";
import { ScriptedRelay } from "../../../support/scripted-relay.ts";
import { bindings } from "../../../support/worker.ts";
import { APPLIED, auditOf, endOf, reportOf } from "../../../support/writes.ts";

afterEach(cleanUp);

const CLOSED = { rules: [{ record: "app.*", confirm: "never" }] };
const CHECKED = { outcome: "checked", record_key: "sensor.temp", current: 20 };

/** When the object has the write, which waits. */
async function stored({ relay_id }: Device, state: string): Promise<void> {
  await expect
    .poll(() =>
      inObject("RELAY", relay_id, ({ storage: { sql } }) =>
        sql
          .exec("SELECT state FROM write_call")
          .toArray()
          .map((row) => row["state"]),
      ),
    )
    .toEqual([state]);
}

describe.each([
  ["whose link broke a moment ago", broken],
  ["whose object was reset", reset],
] as const)("of a relay %s", (_, away) => {
  test("a write waits for the next link, and is sent once, with less time", async () => {
    const { device, principal, team } = await away();
    const written = write(device, principal);
    await stored(device, "asked");

    const next = await ScriptedRelay.connect(device);
    const request = await next.nextRequest();
    const logged = await auditOf(team);
    next.reply(request, APPLIED);

    expect(endOf(await written)).toMatchObject({ outcome: "applied" });
    expect(logged).toMatchObject([{ phase: "intent" }]);
    expect(next.untakenFrames).toBe(0);
    expect(request.deadline_ms).toBeLessThan(30_000);
    const { not_after_ms } = request.params as { not_after_ms: number };
    expect(not_after_ms).toBeLessThan(25_000);
  });

  test("a dry run waits", async () => {
    const { device, principal } = await away();
    const checked = write(device, principal, { isDryRun: true });

    const next = await ScriptedRelay.dial(device);
    next.script = () => CHECKED;
    await next.greet();

    expect(reportOf(await checked)).toMatchObject({ status: "checked", current: 20 });
  });

  test("a reset of counters waits", async () => {
    const { device, principal } = await away();
    const params = { what: "buffer_metrics" };
    const done = call(device, principal, {
      method: "diagnostics.reset",
      params,
      deadlineMs: 9_000,
    });

    const next = await ScriptedRelay.dial(device);
    next.script = () => ({ reset: true });
    await next.greet();

    expect(await done).toMatchObject({ ok: true, value: { reset: true } });
  });

  test("a write is not sent if the team closes the record while it waits", async () => {
    const { device, principal, team } = await away();
    const written = write(device, principal);
    await stored(device, "asked");
    await team.setWritePolicy(CLOSED);

    const next = await ScriptedRelay.connect(device);

    expect(endOf(await written)).toMatchObject({ code: "refused_by_team" });
    expect(next.untakenFrames).toBe(0);
  });
});

test("a write waits no longer than for a relay that is soon back, and is not sent later", async () => {
  const { device, principal } = await broken();
  await inObject("RELAY", device.relay_id, ({ storage: { sql } }) => {
    sql.exec("UPDATE relay SET offline_since = ?", Date.now() - 4_800);
  });
  await evict("RELAY", device.relay_id);
  const startedAtMs = Date.now();

  const written = endOf(await write(device, principal));
  const next = await ScriptedRelay.connect(device);

  expect(written).toMatchObject({ outcome: "not_applied", code: "relay_offline" });
  expect(Date.now() - startedAtMs).toBeLessThan(2_000);
  expect(next.untakenFrames).toBe(0);
});

test("a write that waits for a relay that its team suspends is answered at once", async () => {
  const { team, device, principal } = await broken();
  const written = write(device, principal);
  await stored(device, "asked");

  await teamOf(bindings, team.id)?.setRelayStatus("gw-1", "suspended");

  expect(endOf(await written)).toMatchObject({
    code: "relay_offline",
    message: expect.stringContaining("suspended"),
  });
});

describe("the link breaks after a write was shown to its approver", () => {
  /** With a script that is never seen before the link is: a relay that is back answers at once. */
  async function back({ device, begun }: Awaited<ReturnType<typeof connected>>): Promise<void> {
    const next = await ScriptedRelay.dial(device);
    next.script = begun.relay.script;
    await next.greet();
  }

  /** A person has pressed, and the device was asked for the record's value. */
  async function brokenOffWhileChecked({
    begun,
    device,
    relay,
    team,
    writer,
  }: Awaited<ReturnType<typeof connected>>) {
    const { id } = await awaiting(device, writer);
    const { script } = relay;
    relay.script = () => undefined;
    const pressed = approve(begun, id);
    await relay.nextRequest();
    await breakOff(relay, team, device);
    relay.script = script;
    return { id, pressed };
  }

  test("a client's yes is kept, and executed once on the next link", async () => {
    const here = await connected("client");
    const { device, relay, sent, team, writer } = here;
    const { id } = await awaiting(device, writer, { asks: { form: true, url: false } });
    await breakOff(relay, team, device);
    const answered = relayOf(bindings, device.relay_id).answerWrite({
      principal: writer,
      id,
      accepted: true,
    });
    await stored(device, "approved");
    await expect.poll(() => auditOf(team)).toMatchObject([{ phase: "intent" }]);
    expect(sent).toEqual([]);

    await back(here);

    expect(endOf(await answered)).toMatchObject({ outcome: "applied" });
    expect(sent).toMatchObject([{ id, params: { approval: "client" } }]);
  });

  test("a client's yes is worth nothing if the team closes the record meanwhile", async () => {
    const here = await connected("client");
    const { device, relay, sent, team, writer } = here;
    const { id } = await awaiting(device, writer, { asks: { form: true, url: false } });
    await breakOff(relay, team, device);
    const question = { principal: writer, id, accepted: true };
    const answered = relayOf(bindings, device.relay_id).answerWrite(question);
    await stored(device, "approved");
    await expect.poll(() => auditOf(team)).toHaveLength(1);
    await team.setWritePolicy(CLOSED);

    await back(here);

    expect(endOf(await answered)).toMatchObject({ code: "refused_by_team" });
    expect(sent).toEqual([]);
    await expect
      .poll(() => auditOf(team))
      .toMatchObject([{ phase: "intent" }, { phase: "outcome", code: "refused_by_team" }]);
  });

  test("a person's press is kept, and executed once on the next link", async () => {
    const here = await connected("human");
    const { begun, device, relay, sent, team, writer } = here;
    const { id } = await awaiting(device, writer);
    await breakOff(relay, team, device);
    const pressed = approve(begun, id);

    await back(here);

    expect(endOf(await pressed)).toMatchObject({ outcome: "applied" });
    expect(sent).toMatchObject([{ id, params: { approval: "human" } }]);
  });

  test("a person's press is kept if it breaks while the device checks", async () => {
    const here = await connected("human");
    const { sent } = here;
    const { id, pressed } = await brokenOffWhileChecked(here);

    await back(here);

    expect(endOf(await pressed)).toMatchObject({ outcome: "applied" });
    expect(sent).toMatchObject([{ id, params: { approval: "human" } }]);
  });

  test("a write that is declined while a press waits stays declined", async () => {
    const here = await connected("human");
    const { begun, device, sent, team } = here;
    const { id, pressed } = await brokenOffWhileChecked(here);
    begun.held = 21;
    const approver = { id: "op", scopes: ["aimdb:write"] } as const;
    await relayOf(bindings, device.relay_id).decline({ team: team.id, id, approver });

    await back(here);

    expect(reportOf(await pressed)).toMatchObject({ status: "declined" });
    expect(sent).toEqual([]);
    const asks = await inObject("RELAY", device.relay_id, ({ storage: { sql } }) =>
      sql.exec("SELECT ask FROM write_call").toArray(),
    );
    expect(asks).toEqual([{ ask: null }]);
  });
});
