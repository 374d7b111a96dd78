/** The built relay on every Node release it promises, in place and copied alone. */
import { copyFileSync, existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { projectPath, RELAY_BUNDLE } from "../../worker/selfhost/project.ts";
import type { ConnectedClient, Era } from "../support/clients/mcp.ts";
import { RelayProcess } from "../support/processes/relay-process.ts";
import { connectStdio } from "../support/clients/stdio-client.ts";
import { TestBed, untilStatus } from "../support/processes/test-bed.ts";

const NODES = [
  { release: 20, path: projectPath("test/clients/node_modules/node20/bin/node") },
  { release: 22, path: projectPath("test/clients/node_modules/node22/bin/node") },
  { release: 24, path: process.execPath },
].map((node) => ({ ...node, isHere: existsSync(node.path) }));

for (const { release, isHere } of NODES) {
  if (isHere) continue;
  const text = `NO NODE ${release} for this platform: the relay is not tested on it.`;
  if (process.env["CI"] !== undefined) throw new Error(text);
  process.stderr.write(`\n${text}\n`);
}

let bed: TestBed;
let client: ConnectedClient;

beforeAll(async () => {
  bed = await TestBed.open();
  await bed.host("plant");
  client = await bed.client();
});

afterAll(() => bed.close());

describe.each(NODES.filter(({ isHere }) => isHere))("Node $release", ({ release, path: node }) => {
  test("runs the relay in place", async () => {
    const relay = await enroll(`in-place-${release}`, { node, bundle: RELAY_BUNDLE });

    expect(await answerOf(relay)).toEqual({ value: { up: 7 }, exitCode: 0 });
  });

  test("runs the relay copied alone, under another user's eyes", async () => {
    const folder = join(bed.folder, `alone-${release}`);
    const bundle = join(folder, "aimdb-relay");
    mkdirSync(folder);
    copyFileSync(RELAY_BUNDLE, bundle);

    const relay = await enroll(`alone-${release}`, { node, bundle });

    expect(await answerOf(relay)).toEqual({ value: { up: 7 }, exitCode: 0 });
  });
});

describe.each(NODES.filter(({ isHere }) => isHere))("Node $release", ({ release, path: node }) => {
  test.each<Era>(["legacy", "modern"])(
    "runs the relay copied alone as a local server, %s",
    async (era) => {
      const folder = join(bed.folder, `stdio-${release}-${era}`);
      const bundle = join(folder, "aimdb-relay");
      mkdirSync(folder);
      copyFileSync(RELAY_BUNDLE, bundle);

      const config = { allowed_sockets: [bed.socket("plant")] };
      const local = await connectStdio({ folder, config, era, node, bundle });
      const { json } = await local.call("get_record", { record_name: "app.readonly" });
      await local.close();

      expect(json).toMatchObject({ instance: "local/plant", value: { up: 7 } });
    },
  );
});

async function enroll(
  name: string,
  { node, bundle }: { node: string; bundle: string },
): Promise<RelayProcess> {
  const config = { allowed_sockets: [bed.socket("plant")] };
  return RelayProcess.enroll(
    { folder: join(bed.folder, name), name, config, node, bundle },
    { url: bed.worker.url, joinToken: await bed.worker.createJoinToken() },
  );
}

async function answerOf(relay: RelayProcess): Promise<{ value: unknown; exitCode: unknown }> {
  const instance = `${relay.name}/plant`;
  relay.start();
  await untilStatus(client, instance, "up");

  const { json } = await client.call("get_record", { instance, record_name: "app.readonly" });

  return { value: json.value, exitCode: await relay.stop() };
}
