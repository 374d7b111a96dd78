import { afterEach, describe, expect, test, vi } from "vitest";
import type { CallResult } from "../../../../../worker/relay/rpc.ts";
import { call } from "../../../support/calls.ts";
import { cleanUp } from "../../../support/clean-up.ts";
import { inObject } from "../../../support/objects.ts";
import { Refused } from "../../../support/scripted-relay.ts";
import { auditOf, connected, type Begun } from "../../../support/writes.ts";

afterEach(cleanUp);

const PARAMS = { what: "buffer_metrics" };
const OPEN = { record: "*", confirm: "never" };

function reset({ device, writer }: Begun): Promise<CallResult> {
  return call(device, writer, { method: "diagnostics.reset", params: PARAMS });
}

/** Of resets, when the log has so many. */
async function linesOf({ team }: Begun, count: number): Promise<Record<string, unknown>[]> {
  const read = () => auditOf(team, "diagnostics.reset");
  await vi.waitFor(async () => expect(await read()).toHaveLength(count));
  return read();
}

describe("a reset", () => {
  test("is in the team's log before it is sent, and with its outcome", async () => {
    const begun = await connected();
    const done = reset(begun);
    const request = await begun.relay.nextRequest("diagnostics.reset");
    const before = await linesOf(begun, 1);
    begun.relay.reply(request, { reset: true });

    expect(await done).toMatchObject({ ok: true, value: { reset: true } });
    const line = {
      principal: begun.writer.id,
      instance: `${begun.device.relay}/plant`,
      call_id: `${begun.device.relay_id}.${request.id}`,
      digest: expect.stringMatching(/^[0-9a-f]{64}$/),
    };
    expect(before).toEqual([expect.objectContaining({ ...line, phase: "intent" })]);
    expect(before[0]).toMatchObject({ value: '{"what":"buffer_metrics"}' });
    expect(await linesOf(begun, 2)).toEqual([
      before[0],
      expect.objectContaining({ ...line, phase: "outcome", outcome: "applied" }),
    ]);
  });

  test("that can't be logged is not sent", async () => {
    const begun = await connected();
    await inObject("TEAM", begun.team.id, ({ storage: { sql } }) => {
      sql.exec(
        "CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE(FAIL, 'disk full'); END",
      );
    });

    expect(await reset(begun)).toMatchObject({ ok: false, failure: { code: "audit_unavailable" } });
    expect(begun.relay.untakenFrames).toBe(0);
  });

  test.each([
    ["opens nothing", []],
    ["opens some records only", [{ record: "sensor.*", confirm: "never" }]],
    ["asks for a person's confirmation", [{ record: "*", confirm: "human" }]],
    ["asks for one for some records", [OPEN, { record: "sensor.*", confirm: "client" }]],
  ])("is not sent where the team's policy %s, and the log says who tried", async (_name, rules) => {
    const begun = await connected();
    await begun.team.setWritePolicy({ rules });

    expect(await reset(begun)).toMatchObject({ ok: false, failure: { code: "refused_by_team" } });
    expect(begun.relay.untakenFrames).toBe(0);
    expect(await linesOf(begun, 1)).toMatchObject([
      { phase: "outcome", outcome: "refused", code: "refused_by_team", principal: begun.writer.id },
    ]);
  });

  test("is sent if no rule says who confirms, as in a team that never set a policy", async () => {
    const begun = await connected();
    await begun.team.setWritePolicy({ rules: [{ record: "*" }] });
    begun.relay.script = () => ({ reset: true });

    expect(await reset(begun)).toMatchObject({ ok: true, value: { reset: true } });
    expect(await linesOf(begun, 2)).toMatchObject([{ phase: "intent" }, { outcome: "applied" }]);
  });

  test("counts among a principal's writes", async () => {
    const begun = await connected();
    await begun.team.setWritePolicy({ rules: [OPEN], writes_per_minute_per_record: 1 });
    begun.relay.script = () => ({ reset: true });

    expect(await reset(begun)).toMatchObject({ ok: true });
    expect(await reset(begun)).toMatchObject({ ok: false, failure: { code: "rate_limited" } });
  });

  test.each([
    { code: "refused_by_device", outcome: "refused" },
    { code: "unsupported", outcome: "not_applied" },
    { code: "instance_slow", outcome: "unknown" },
  ] as const)("that the device answers with $code is $outcome in the log", async (expected) => {
    const begun = await connected();
    begun.relay.script = () => new Refused(expected.code, "No.");

    expect(await reset(begun)).toMatchObject({ ok: false, failure: { code: expected.code } });
    expect((await linesOf(begun, 2))[1]).toMatchObject({ phase: "outcome", ...expected });
  });

  test("whose link is lost is unknown, and sent once", async () => {
    const begun = await connected();
    const done = reset(begun);
    await begun.relay.nextRequest("diagnostics.reset");
    await begun.relay.end();

    expect(await done).toMatchObject({ ok: false, failure: { code: "link_lost" } });
    expect((await linesOf(begun, 2))[1]).toMatchObject({ outcome: "unknown", code: "link_lost" });
  });

  test("is not begun while the relay is away", async () => {
    const begun = await connected();
    await begun.relay.end();

    expect(await reset(begun)).toMatchObject({ ok: false, failure: { code: "relay_offline" } });
    expect(await linesOf(begun, 1)).toMatchObject([{ outcome: "not_applied" }]);
  });
});
