import { afterEach, describe, expect, test, vi } from "vitest";
import { encodeFrame } from "#shared/link/frame.ts";
import type { Request as LinkRequest } from "#shared/link/request.ts";
import { randomHex } from "../../../../../worker/auth/secret.ts";
import type { Principal } from "../../../../../worker/auth/principal.ts";
import type { WriteCall, WriteResult } from "../../../../../worker/relay/rpc.ts";
import { relayOf } from "../../../../../worker/relay/stub.ts";
import { write } from "../../../support/calls.ts";
import { cleanUp } from "../../../support/clean-up.ts";
import { evict, inObject } from "../../../support/objects.ts";
import { ScriptedRelay } from "../../../support/scripted-relay.ts";
import { createTeam } from "../../../support/team.ts";
import { bindings } from "../../../support/worker.ts";
import {
  APPLIED,
  JOURNAL,
  auditOf,
  connected,
  endOf,
  reportOf,
  type Begun,
} from "../../../support/writes.ts";

afterEach(cleanUp);

function ask({ device, writer }: Begun, id: string): Promise<WriteResult> {
  return relayOf(bindings, device.relay_id).writeReport({ principal: writer, id });
}

/** Sent, and its link lost before the reply. */
async function lost(begun: Begun, change: Partial<WriteCall> = {}): Promise<string> {
  const written = write(begun.device, begun.writer, change);
  const { id } = await begun.relay.nextRequest("record.set");
  await begun.relay.end();
  expect(endOf(await written)).toMatchObject({ outcome: "unknown", code: "link_lost" });
  return id;
}

function statesOf({ device }: Begun): Promise<unknown[]> {
  return inObject("RELAY", device.relay_id, ({ storage: { sql } }) =>
    sql.exec("SELECT state, ask, outcome FROM write_call").toArray(),
  );
}

describe("a write", () => {
  test("is one request with the call id, in time, and its reply is its end", async () => {
    const begun = await connected();
    const asked: LinkRequest[] = [];
    begun.relay.script = (request) => {
      asked.push(request);
      return APPLIED;
    };

    const result = await write(begun.device, begun.writer, { expected: 0 });

    expect(reportOf(result)).toMatchObject({
      callId: `${begun.device.relay_id}.${asked[0]?.id}`,
      instance: `${begun.device.relay}/plant`,
      record: "sensor.temp",
      status: "ended",
      outcome: APPLIED,
    });
    expect(asked).toMatchObject([
      {
        method: "record.set",
        params: { record: "sensor.temp", value: 1, expected: 0, not_after_ms: expect.any(Number) },
      },
    ]);
    expect(asked[0]?.deadline_ms).toBeGreaterThan(25_000);
    expect(asked[0]?.deadline_ms).toBeLessThanOrEqual(30_000);
    expect(JSON.stringify(asked)).not.toContain("approval");
  });

  test("that is asked twice under one id is sent once", async () => {
    const begun = await connected();
    let sent = 0;
    begun.relay.script = () => {
      sent += 1;
      return APPLIED;
    };
    const id = randomHex(16);

    const first = await write(begun.device, begun.writer, { id });
    const second = await write(begun.device, begun.writer, { id });

    expect(sent).toBe(1);
    expect(endOf(second)).toEqual(endOf(first));
  });

  test("has the time of its end, whenever it is asked for", async () => {
    const begun = await connected();
    begun.relay.script = () => APPLIED;
    const id = randomHex(16);
    await write(begun.device, begun.writer, { id });
    await inObject("RELAY", begun.device.relay_id, ({ storage: { sql } }) => {
      sql.exec("UPDATE write_call SET changed_at = 1000");
    });

    const { timestamp } = reportOf(await ask(begun, id));

    expect(timestamp).toBe("1970-01-01T00:00:01.000Z");
  });

  test("keeps nothing of its value once it has ended", async () => {
    const begun = await connected();
    begun.relay.script = () => APPLIED;

    await write(begun.device, begun.writer, { value: "s3cret" });

    expect(JSON.stringify(await statesOf(begun))).not.toContain("s3cret");
  });

  test("stands as sent before its frame leaves", async () => {
    const begun = await connected();
    const written = write(begun.device, begun.writer);

    const request = await begun.relay.nextRequest("record.set");

    expect(await statesOf(begun)).toMatchObject([{ state: "sent" }]);
    begun.relay.reply(request, APPLIED);
    await written;
  });

  test("is refused by the team's policy without asking the device", async () => {
    const begun = await connected();
    await begun.team.setWritePolicy({ rules: [{ record: "app.*", confirm: "never" }] });

    const outcome = endOf(await write(begun.device, begun.writer));

    expect(outcome).toMatchObject({ outcome: "refused", code: "refused_by_team" });
    expect(begun.relay.untakenFrames).toBe(0);
  });

  test("carries the team's bounds to where they are checked [J-13]", async () => {
    const begun = await connected();
    const fields = { ".": { min: 0, max_change: 2 } };
    await begun.team.setWritePolicy({ rules: [{ record: "*", confirm: "never", fields }] });
    begun.relay.script = ({ params }) =>
      JSON.stringify(params).includes('"limits":[{".":{"min":0,"max_change":2}}]')
        ? APPLIED
        : { ...APPLIED, echo: "differs" };

    expect(endOf(await write(begun.device, begun.writer))).toMatchObject({ echo: "same" });
  });

  test("is one too many above the team's rates, and nothing is sent", async () => {
    const begun = await connected();
    const rules = [{ record: "*", confirm: "never" }];
    await begun.team.setWritePolicy({ rules, writes_per_minute_per_record: 2 });
    begun.relay.script = () => APPLIED;
    const outcomes = [];

    for (let n = 0; n < 3; n += 1) outcomes.push(endOf(await write(begun.device, begun.writer)));

    expect(outcomes).toMatchObject([
      { outcome: "applied" },
      { outcome: "applied" },
      { outcome: "refused", code: "rate_limited", details: { retry_after_s: expect.any(Number) } },
    ]);
  });

  test("is decided on again once it stands in the team's log", async () => {
    const begun = await connected();
    const written = write(begun.device, begun.writer);
    await begun.relay.nextRequest("record.set");
    const audit = await auditOf(begun.team);

    expect(audit).toMatchObject([{ phase: "intent", action: "record.set", value: "1" }]);
    await begun.relay.end();
    await written;
  });
});

describe("a write whose link was lost", () => {
  test("is asked about after the next welcome, and its outcome is reported [J-8]", async () => {
    const begun = await connected();
    const id = await lost(begun);

    const again = await ScriptedRelay.dial(begun.device);
    await again.greet({ journal_id: JOURNAL });
    expect(await again.nextFrame("outcome")).toEqual({ t: "outcome", ids: [id] });
    again.tell([{ id, state: "ended", outcome: APPLIED }]);

    await vi.waitFor(async () => expect(endOf(await ask(begun, id))).toEqual(APPLIED));
  });

  test.each([
    { journal_id: JOURNAL, outcome: "not_applied" },
    { journal_id: "b".repeat(32), outcome: "unknown" },
    { journal_id: undefined, outcome: "unknown" },
  ])(
    "and that the relay never saw is $outcome by the journal $journal_id [J-11]",
    async ({ journal_id, outcome }) => {
      const begun = await connected();
      const id = await lost(begun);

      const again = await ScriptedRelay.dial(begun.device);
      await again.greet(journal_id === undefined ? {} : { journal_id });
      await again.nextFrame("outcome");
      again.tell([{ id, state: "never_seen" }]);

      await vi.waitFor(async () => {
        const states = await statesOf(begun);
        expect(states).toMatchObject([{ state: "ended" }]);
      });
      expect(endOf(await ask(begun, id))).toMatchObject({ outcome, code: "link_lost" });
    },
  );

  test("is unknown as long as the relay is away, and is not sent again [M-10]", async () => {
    const begun = await connected();
    const id = await lost(begun);

    expect(endOf(await ask(begun, id))).toMatchObject({ outcome: "unknown" });

    const again = await ScriptedRelay.connect(begun.device, undefined, { journal_id: JOURNAL });
    await again.nextFrame("outcome");
    expect(again.untakenFrames).toBe(0);
  });

  test("is asked about again when somebody wants to know", async () => {
    const begun = await connected();
    const id = await lost(begun);
    const again = await ScriptedRelay.connect(begun.device, undefined, { journal_id: JOURNAL });
    await again.nextFrame("outcome");

    const asking = ask(begun, id);
    await again.nextFrame("outcome");
    again.tell([{ id, state: "ended", outcome: APPLIED }]);

    expect(endOf(await asking)).toEqual(APPLIED);
  });

  test("ends with a reply that wakes the object from sleep", async () => {
    const begun = await connected();
    const id = randomHex(16);
    await inObject("RELAY", begun.device.relay_id, ({ storage: { sql } }) => {
      sql.exec(
        "INSERT INTO write_call (id, principal, instance, record, digest, state, session, asked_at, changed_at) VALUES (?, ?, 'plant', 'sensor.temp', '', 'sent', ?, 0, ?)",
        id,
        begun.writer.id,
        begun.relay.session,
        Date.now(),
      );
    });
    await evict("RELAY", begun.device.relay_id);

    begun.relay.send(encodeFrame({ t: "reply", id, instance: "plant", ok: APPLIED }));

    await vi.waitFor(async () => expect(await statesOf(begun)).toMatchObject([{ state: "ended" }]));
    expect(endOf(await ask(begun, id))).toEqual(APPLIED);
  });
});

describe("an idempotency key", () => {
  test("makes a second request the first, whatever its call id", async () => {
    const begun = await connected();
    let sent = 0;
    begun.relay.script = () => {
      sent += 1;
      return APPLIED;
    };
    const key = { idempotencyKey: "k" };

    const first = reportOf(await write(begun.device, begun.writer, key));
    const second = reportOf(await write(begun.device, begun.writer, key));

    expect(second.callId).toBe(first.callId);
    expect(sent).toBe(1);
  });

  test("is refused for another write, and is another principal's own", async () => {
    const begun = await connected();
    begun.relay.script = () => APPLIED;
    const key = { idempotencyKey: "k" };
    await write(begun.device, begun.writer, key);

    const other = await write(begun.device, begun.writer, { ...key, value: 2 });
    const another = await begun.team.principal(["aimdb:write"]);

    expect(other).toMatchObject({ ok: false, failure: { code: "idempotency_conflict" } });
    expect(endOf(await write(begun.device, another, { ...key, value: 2 }))).toEqual(APPLIED);
  });
});

describe("a dry run", () => {
  test("asks the device for every check, writes nothing and keeps nothing [J-12]", async () => {
    const begun = await connected();
    const asked: unknown[] = [];
    begun.relay.script = ({ params }) => {
      asked.push(params);
      return { outcome: "checked", record_key: "sensor.temp", current: 7, warnings: ["b"] };
    };

    const report = reportOf(await write(begun.device, begun.writer, { isDryRun: true }));

    expect(report).toMatchObject({ status: "checked", current: 7, warnings: ["b"], by: "nobody" });
    expect(asked).toMatchObject([{ dry_run: true }]);
    expect(await statesOf(begun)).toEqual([]);
  });

  test("says what the device refuses", async () => {
    const begun = await connected();
    begun.relay.script = () => ({ outcome: "refused", code: "refused_by_device", message: "No." });

    expect(endOf(await write(begun.device, begun.writer, { isDryRun: true }))).toMatchObject({
      outcome: "refused",
      code: "refused_by_device",
    });
  });
});

describe("what became of a write", () => {
  test("is told to the principal that asked and to those that may write, and to no other", async () => {
    const begun = await connected();
    begun.relay.script = () => APPLIED;
    const { callId } = reportOf(await write(begun.device, begun.writer));
    const id = callId.split(".")[1] ?? "";
    const object = relayOf(bindings, begun.device.relay_id);
    const as = async (principal: Principal) => object.writeReport({ principal, id });
    const stranger = await (await createTeam("other")).principal(["aimdb:write"]);
    const missing = await as(await begun.team.principal(["aimdb:read"]));

    expect(await as(await begun.team.principal(["aimdb:write"]))).toMatchObject({ ok: true });
    expect(missing).toMatchObject({ ok: false, failure: { code: "unknown_call" } });
    expect(await as(stranger)).toEqual(missing);
    expect(await object.writeReport({ principal: begun.writer, id: "0".repeat(32) })).toEqual(
      missing,
    );
  });
});
