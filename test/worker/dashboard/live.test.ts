import { afterEach, describe, expect, test } from "vitest";
import type { JsonValue } from "#shared/json/json.ts";
import { handleLive } from "../../../worker/dashboard/live.ts";
import { endSession } from "../../../worker/session/open-session.ts";
import { getResult, readResult, sample } from "../../support/link/link-samples.ts";
import { recordRow } from "../support/builders.ts";
import { cleanUp } from "../support/clean-up.ts";
import { enrollDevice } from "../support/device.ts";
import { addToTeam, createPerson, signedIn } from "../support/person.ts";
import { Refused, ScriptedRelay } from "../support/scripted-relay.ts";
import { createTeam } from "../support/team.ts";
import { bindings, ORIGIN } from "../support/worker.ts";

afterEach(cleanUp);

function json(value: object): JsonValue {
  return JSON.parse(JSON.stringify(value));
}

/** A stream whose clock the test holds: waiting takes no time and is noted. */
async function open(record: string | undefined) {
  const team = await createTeam();
  const relay = await ScriptedRelay.connect(await enrollDevice(team));
  const person = await createPerson();
  await addToTeam(person, team.id, "viewer");
  const cookie = `session=${(await signedIn(person)).cookie("session")}`;
  const request = new Request(`${ORIGIN}/live/gw-1/plant`, { headers: { cookie } });
  const clock = { ms: 0, waits: [] as number[] };
  const answer = await handleLive(
    request,
    bindings,
    { instance: "gw-1/plant", offset: 0, record },
    {
      nowMs: () => clock.ms,
      wait: (ms) => {
        clock.waits.push(ms);
        return Promise.resolve();
      },
    },
  );
  const reader = answer.body?.getReader();
  const next = async () => {
    const read = await reader?.read();
    return read?.done === false ? new TextDecoder().decode(read.value) : undefined;
  };
  return { relay, answer, request, clock, next };
}

describe("a live page", () => {
  test("of a record draws it anew when it has changed, and waits until then", async () => {
    const { relay, answer, clock, next } = await open("sensor.temp");
    let celsius = 20;
    relay.script = ({ method }) => {
      if (method === "samples.read") return json(readResult({ samples: [sample()] }));
      const value = { celsius: (celsius += 1), note: "a\nb" };
      const samples = [sample({ value, sequence: celsius })];
      const rest = { source: "relay", total: 1, is_total_exact: true, gaps: [] };
      return json({
        record_key: "sensor.temp",
        loss: "counted",
        samples,
        oldest_at_ms: 0,
        ...rest,
      });
    };

    const events = [await next(), await next()];

    expect(answer.headers.get("content-type")).toBe("text/event-stream");
    expect(events[0]).toContain("&quot;celsius&quot;: 21");
    expect(events[1]).toContain("&quot;celsius&quot;: 22");
    for (const event of events) expect(event).toMatch(/^(data: [^\n]*\n)+\n$/);
    expect(clock.waits).toEqual([3_000, 3_000]);
  });

  test("of an instance gets its table", async () => {
    const { relay, next, clock } = await open(undefined);
    relay.script = ({ method }) =>
      json(
        method === "record.list"
          ? { records: [recordRow()], total: 1, next_offset: null }
          : { entries: [{ record: "sensor.temp", ok: getResult() }] },
      );

    expect(await next()).toContain("{&quot;celsius&quot;:21.5}");
    expect(clock.waits).toEqual([5_000]);
  });

  test.each([undefined, "sensor.temp"])(
    "asks the device no sooner than its refusal says, and keeps its line: %s",
    async (record) => {
      const { relay, next, clock } = await open(record);
      const asked: number[] = [];
      relay.script = () => {
        asked.push(clock.waits.reduce((sum, ms) => sum + ms, 0));
        return new Refused("rate_limited", "Come later.", { retry_after_s: 40 });
      };

      const refused = await next();
      const beats = [await next(), await next()];
      const again = await next();

      expect(refused).toContain("Come later.");
      expect(beats).toEqual([":\n\n", ":\n\n"]);
      expect(again).toContain("Come later.");
      const [first = 0, second = 0] = new Set(asked);
      expect(second - first).toBe(40_000);
    },
  );

  test("says that the relay is gone, and continues", async () => {
    const { relay, next } = await open(undefined);
    await relay.end();

    await expect.poll(next).toMatch(/has had no link since|records/);
    expect(await next()).toMatch(/^data: /);
  });

  test("ends when the person signs out, and after a quarter of an hour", async () => {
    const [out, late] = [await open(undefined), await open(undefined)];
    await endSession(out.request, bindings);
    late.clock.ms = 15 * 60_000;

    expect(await out.next()).toBeUndefined();
    expect(await late.next()).toBeUndefined();
  });
});
