/** What an instance can be asked for beside a single record. */
import { describe, expect, test } from "vitest";
import { configOf } from "../support/host-side/builders.ts";
import { latest, mailbox, ring, startHost, VERSIONS } from "../support/host-side/host.ts";
import { runInstance } from "../support/host-side/running-instance.ts";
import { METHOD_NOT_FOUND, startPlainHost } from "../support/host-side/scripted-socket.ts";
import { until } from "../support/until.ts";
import { writeOf } from "../support/worker-side/write-request.ts";

const RECORDS = [ring("r"), latest("a", { initial: { n: 1 } }), mailbox("command")];
const TIMEOUT_MS = 5_000;

describe.each(VERSIONS)("Instance of an AimX %s host", (aimx) => {
  async function begin() {
    const host = await startHost({ aimx, records: RECORDS });
    return { host, ...(await runInstance(host)) };
  }

  test("reads several records at once", async () => {
    const { instance } = await begin();
    expect(await instance.getMany(["host::a", "none"], TIMEOUT_MS)).toMatchObject({
      value: [
        { name: "host::a", reading: { ok: true, value: { recordKey: "a" } } },
        { name: "none", reading: { ok: false, error: { code: "unknown_record" } } },
      ],
    });
  });

  test("asks the host once for reads that come together", async () => {
    const { host, instance } = await begin();
    await instance.get("a", TIMEOUT_MS);
    const before = host.requestCounts.get("record.get") ?? 0;
    const reads = await Promise.all([1, 2, 3].map(() => instance.get("a", TIMEOUT_MS)));
    expect(reads.every(({ ok }) => ok)).toBe(true);
    expect(host.requestCounts.get("record.get")).toBe(before + 1);
  });

  test("does not answer a read behind a write with what was asked before it [Q-4]", async () => {
    const { host, instance } = await begin();
    await instance.get("a", TIMEOUT_MS);
    host.setFaults({ replyDelayMs: 30, delayedMethod: "record.get" });
    const before = instance.get("a", TIMEOUT_MS);
    await instance.set("a", writeOf({ n: 2 }));
    const after = await instance.get("a", TIMEOUT_MS);
    expect(await before).toMatchObject({ ok: true });
    expect(after).toMatchObject({ value: { sample: { value: { n: 2 } } } });
  });

  test("tells the graph, without hidden records [Q-16]", async () => {
    const { instance } = await begin();
    expect(await instance.graph({})).toMatchObject({
      value: {
        nodes: [{ key: "r", buffer_capacity: 64 }, { key: "a", buffer_capacity: null }, {}],
        edges: [{ edge_type: { tap: { index: 0 } }, from: "command", to: null }],
        order: expect.arrayContaining(["r", "a", "command"]),
      },
    });
    const host = await startHost({ aimx, records: RECORDS });
    const config = configOf({ hiddenRecords: ["c*"] });
    const hiding = await runInstance(host, { config });
    const graph = await hiding.instance.graph({});
    expect(graph).toMatchObject({ value: { nodes: [{}, {}], edges: [] } });
    expect(JSON.stringify(graph)).not.toContain("command");
  });
});

test("Instance of a host without a graph says which releases have one [Q-18]", async () => {
  const host = await startPlainHost(({ method }) =>
    method === "record.list" ? { result: [] } : METHOD_NOT_FOUND,
  );
  const { instance } = await runInstance(host);
  expect(await instance.graph({})).toMatchObject({
    error: { code: "unsupported", message: expect.stringContaining("before 0.5.0") },
  });
});

describe.each(VERSIONS)("An AimX %s host that hangs", (aimx) => {
  test("is not asked again after five waits, until it is heard of", async () => {
    const host = await startHost({ aimx, records: RECORDS });
    const { instance, clock, log } = await runInstance(host);
    /** Time goes on until it is answered. */
    const read = async () => {
      let answered = false;
      const reading = instance.get("a", TIMEOUT_MS).finally(() => {
        answered = true;
      });
      await until("an answer", () => {
        if (!answered) clock.advance(50);
        return answered;
      });
      const result = await reading;
      return result.ok ? "read" : result.error.message;
    };
    expect(await read()).toBe("read");
    host.setFaults({ hang: true });
    const answers: string[] = [];
    for (let i = 0; i < 8; i += 1) answers.push(await read());

    expect(answers[0]).not.toContain("it is not asked for");
    expect(answers.at(-1)).toContain("it is not asked for");
    expect(log.of("instance_not_asked")).toHaveLength(1);

    host.setFaults({});
    let last = "";
    await until("it is heard of", () => {
      clock.advance(50);
      void read().then((answer) => {
        last = answer;
      });
      return last === "read";
    });
  });
});
