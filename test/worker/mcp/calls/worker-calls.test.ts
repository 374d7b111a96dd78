import { afterEach, describe, expect, test } from "vitest";
import type { JsonValue } from "#shared/json/json.ts";
import type { Request as LinkRequest } from "#shared/link/request.ts";
import { getResult, readResult, sample } from "../../../support/link/link-samples.ts";
import { announced, recordRow } from "../../support/builders.ts";
import { cleanUp } from "../../support/clean-up.ts";
import { enrollDevice } from "../../support/device.ts";
import { callTool } from "../../support/mcp.ts";
import { Refused, ScriptedRelay } from "../../support/scripted-relay.ts";
import { createTeam, type TestTeam } from "../../support/team.ts";

afterEach(cleanUp);

interface Plant {
  readonly team: TestTeam;
  readonly relays: { readonly north: ScriptedRelay; readonly south: ScriptedRelay };
  readonly reader: string;
  readonly writer: string;
}

/** A team with two relays, each with an instance of its own name and one that both have. */
async function plant(): Promise<Plant> {
  const team = await createTeam();
  const connect = async (name: "north" | "south") =>
    ScriptedRelay.connect(await enrollDevice(team, name), [
      announced({ name, socket_path: `/tmp/${name}.sock` }),
      announced({ name: "both", socket_path: "/tmp/both.sock", records: [] }),
    ]);
  return {
    team,
    relays: { north: await connect("north"), south: await connect("south") },
    reader: await team.accessToken(),
    writer: await team.accessToken(["aimdb:write"]),
  };
}

function json(value: object): JsonValue {
  return JSON.parse(JSON.stringify(value));
}

/** Answers a reading with who was asked. */
function echo(relay: string) {
  return ({ instance }: LinkRequest) => json(getResult({ value: `${relay}/${instance}` }));
}

describe("a call", () => {
  test.each([
    { by: "its id", args: { instance: "south/both" }, value: "south/both" },
    { by: "a name that one relay has", args: { instance: "north" }, value: "north/north" },
    { by: "a glob", args: { instance: "s*/s*" }, value: "south/south" },
    { by: "a socket path", args: { socket: "/tmp/south.sock" }, value: "south/south" },
  ])("reaches the instance meant by $by", async ({ args, value }) => {
    const { relays, reader } = await plant();
    relays.north.script = echo("north");
    relays.south.script = echo("south");

    const answer = await callTool(reader, "get_record", { record_name: "sensor.temp", ...args });

    expect(answer.json).toMatchObject({ instance: value, value });
  });

  test("without a name reaches every instance that has the record", async () => {
    const { relays, reader } = await plant();
    relays.north.script = echo("north");
    relays.south.script = echo("south");

    const { json } = await callTool(reader, "get_record", { record_name: "sensor.temp" });

    expect(json.results).toMatchObject([
      { instance: "north/north", value: "north/north" },
      { instance: "south/south", value: "south/south" },
    ]);
    expect(json).toMatchObject({ failed: [], complete: true });
  });

  test("without a name asks each of them once, and again the next time", async () => {
    const { relays, reader } = await plant();
    const asked: string[] = [];
    relays.north.script = (request) => {
      asked.push(`north/${request.instance}`);
      return echo("north")(request);
    };
    relays.south.script = (request) => {
      asked.push(`south/${request.instance}`);
      return new Refused("instance_down", "The process is gone.");
    };

    await callTool(reader, "get_record", { record_name: "sensor.temp" });
    const first = asked.splice(0).toSorted();
    await callTool(reader, "get_record", { record_name: "sensor.temp" });

    expect(first).toEqual(["north/north", "south/south"]);
    expect(asked.toSorted()).toEqual(first);
  });

  test("to several names gives failures beside answers", async () => {
    const { relays, reader } = await plant();
    relays.north.script = echo("north");
    relays.south.script = () => new Refused("instance_down", "The process is gone.");

    const { json } = await callTool(reader, "get_record", { record_name: "sensor.temp" });

    expect(json).toMatchObject({
      results: [{ instance: "north/north" }],
      failed: [{ instance: "south/south", code: "instance_down", message: "The process is gone." }],
      complete: false,
    });
  });

  test("is not spoiled for the others by a gateway that sends an impossible time", async () => {
    const { relays, reader } = await plant();
    relays.north.script = echo("north");
    relays.south.script = () => json(getResult({ at_ms: 1e300 }));

    const { json: answer } = await callTool(reader, "get_record", { record_name: "sensor.temp" });

    expect(answer.results[0]).toMatchObject({ instance: "north/north", value: "north/north" });
  });

  test("has an id of its own, 128 bits in hex [R-1]", async () => {
    const { relays, reader, writer } = await plant();
    const ids = new Set<string>();
    relays.north.script = ({ id }) => {
      ids.add(id);
      return null;
    };
    const args = { record_name: "sensor.temp", instance: "north/north" };

    for (let n = 0; n < 5; n += 1) await callTool(reader, "get_record", args);
    for (let n = 0; n < 5; n += 1) await callTool(writer, "set_record", { ...args, value: n });

    expect(ids.size).toBe(10);
    expect([...ids].filter((id) => !/^[0-9a-f]{32}$/.test(id))).toEqual([]);
  });

  test("answered in another form is that instance's error", async () => {
    const { relays, reader } = await plant();
    relays.north.script = () => ({ sample: "none" });

    const { isError, json } = await callTool(reader, "get_record", {
      record_name: "sensor.temp",
      instance: "north/north",
    });

    expect(isError).toBe(true);
    expect(json.error).toMatchObject({ code: "internal" });
  });
});

describe("list_records", () => {
  test("gives the relay's rows with their next page", async () => {
    const { relays, reader } = await plant();
    const asked: unknown[] = [];
    relays.north.script = ({ method, params }) => {
      asked.push([method, params]);
      const records = [recordRow({ record_key: "a" }), recordRow({ record_key: "b" })];
      return json({ records, total: 5, next_offset: 4 });
    };

    const answer = await callTool(reader, "list_records", {
      instance: "north/north",
      writable_only: true,
      cursor: "2",
    });

    expect(asked).toEqual([["record.list", { offset: 2, limit: 44, writable_only: true }]]);
    expect(answer.json).toMatchObject({
      instance: "north/north",
      records: [{ name: "a", record_key: "a" }, { name: "b" }],
      total: 5,
      next_cursor: "4",
    });
  });
});

describe("set_record", () => {
  const write = { record_name: "sensor.temp", value: { celsius: 1 }, instance: "north/north" };

  test("reports that the host acknowledged, with the call id that the relay saw [R-1]", async () => {
    const { relays, writer } = await plant();
    const asked: LinkRequest[] = [];
    relays.north.script = (request) => {
      asked.push(request);
      return { outcome: "applied", record_key: "sensor.temp", echo: "same" };
    };

    const { isError, json } = await callTool(writer, "set_record", write);

    expect(isError).toBe(false);
    expect(json).toMatchObject({
      success: true,
      outcome: "applied",
      instance: "north/north",
      record_name: "sensor.temp",
      echo: "same",
    });
    expect(asked).toMatchObject([
      {
        id: json.call_id.split(".")[1],
        method: "record.set",
        params: { record: "sensor.temp", value: { celsius: 1 } },
      },
    ]);
  });

  test.each([
    { answer: new Refused("refused_by_device", "No."), outcome: "refused" },
    { answer: new Refused("rate_limited", "No."), outcome: "refused" },
    { answer: new Refused("unknown_record", "No."), outcome: "not_applied" },
    { answer: new Refused("busy", "No."), outcome: "not_applied" },
    { answer: new Refused("internal", "No."), outcome: "unknown" },
    { answer: { outcome: "perhaps" }, outcome: "unknown" },
    { answer: { outcome: "unknown", code: "instance_slow", message: "?" }, outcome: "unknown" },
    { answer: { outcome: "refused", code: "refused_by_host", message: "No." }, outcome: "refused" },
  ])("calls $answer $outcome [M-9]", async ({ answer, outcome }) => {
    const { relays, writer } = await plant();
    relays.north.script = () => answer;

    const { isError, json } = await callTool(writer, "set_record", write);

    expect(isError).toBe(true);
    expect(json).toMatchObject({ success: false, outcome, call_id: expect.any(String) });
  });

  test("to an offline relay is not applied", async () => {
    const { relays, writer } = await plant();
    await relays.north.end();

    const { json } = await callTool(writer, "set_record", write);

    expect(json).toMatchObject({ outcome: "not_applied", error: { code: "relay_offline" } });
  });

  test("by a reading token is refused before anything is looked up", async () => {
    const { relays, reader } = await plant();

    const { json } = await callTool(reader, "set_record", write);

    expect(json.error).toMatchObject({ code: "insufficient_scope", required_scope: "aimdb:write" });
    expect(relays.north.untakenFrames).toBe(0);
  });
});

describe("a subscription", () => {
  test("is continued by its id and ended by it", async () => {
    const { relays, reader } = await plant();
    let sequence = 0;
    relays.south.script = () => {
      sequence += 1;
      const cursor = { epoch: "e.0", sequence };
      return json(readResult({ cursor, samples: [sample({ sequence })] }));
    };
    const args = { record_name: "sensor.temp", instance: "south/south", max_events: 5 };

    const first = await callTool(reader, "subscribe_record", args);
    const { subscription_id } = first.json;
    const second = await callTool(reader, "subscribe_record", { ...args, subscription_id });
    const ended = await callTool(reader, "unsubscribe_record", { subscription_id });
    const again = await callTool(reader, "unsubscribe_record", { subscription_id });
    const gone = await callTool(reader, "subscribe_record", { ...args, subscription_id });

    expect(subscription_id).toMatch(/^south\.[0-9a-f]{32}$/);
    expect(first.json).toMatchObject({
      instance: "south/south",
      events: [{ sequence: 2 }],
      complete: false,
    });
    expect(second.json).toMatchObject({ instance: "south/south", events: [{ sequence: 3 }] });
    expect([ended.json.status, again.json.status]).toEqual(["cancelled", "already_ended"]);
    expect(gone.json.error.code).toBe("unknown_subscription");
  });

  test("of another principal of the team is unknown, like one that never existed", async () => {
    const { team, relays, reader } = await plant();
    relays.south.script = () => json(readResult());
    const args = { record_name: "sensor.temp", instance: "south/south" };
    const { subscription_id } = (await callTool(reader, "subscribe_record", args)).json;
    const stranger = await team.accessToken();
    const missing = { subscription_id: `south.${"0".repeat(32)}` };

    for (const tool of ["subscribe_record", "unsubscribe_record"]) {
      const rest = tool === "subscribe_record" ? args : {};
      const foreign = await callTool(stranger, tool, { ...rest, subscription_id });
      expect(foreign.json.error.code).toBe("unknown_subscription");
      expect(foreign.text).toBe((await callTool(stranger, tool, { ...rest, ...missing })).text);
    }
  });

  test.each([" ", ".", "south", "south.", "south.x.y", "nowhere.0", "/", "south.%00"])(
    "of id %j is unknown",
    async (subscription_id) => {
      const { reader } = await plant();

      const { json } = await callTool(reader, "subscribe_record", {
        record_name: "sensor.temp",
        subscription_id,
      });

      expect(json.error.code).toBe("unknown_subscription");
    },
  );
});
