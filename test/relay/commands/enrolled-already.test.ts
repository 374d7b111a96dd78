/** `enroll` on a device that is enrolled: a script may repeat it, and nothing is replaced without --force. */
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Command } from "../../../relay/cli.ts";
import { enroll } from "../../../relay/commands/enroll.ts";
import { writeIdentity } from "../../../relay/identity/identity.ts";
import { NeedsOperator } from "../../../relay/needs-operator.ts";
import { workerOfLink } from "../../../relay/net/worker-url.ts";
import { identityOf } from "../support/host-side/builders.ts";
import { enrolledDevice } from "../support/device/enrolled-device.ts";
import { startLinkServer } from "../support/worker-side/link-server.ts";
import { TestEnvironment } from "../support/device/test-environment.ts";

const TEAM = "a1".repeat(32);
const OTHER_TEAM = "b2".repeat(32);
const ACCEPTED = { status: 401, code: "clock" };

type Options = Partial<Omit<Extract<Command, { name: "enroll" }>, "name">>;

async function begin(
  { status, code }: { status: number; code: string } = ACCEPTED,
  hostName = "gateway",
) {
  const worker = await startLinkServer({
    refuse: (response) => {
      const error = { code, message: "", server_time_ms: Date.now() };
      response.writeHead(status, { connection: "close" }).end(JSON.stringify({ error }));
    },
  });
  const { folder, state, configPath } = await enrolledDevice(worker.url);
  const link_url = worker.url.href;
  await writeIdentity(state, identityOf({ link_url, team: { id: TEAM, name: "Plant" } }));
  const environment = new TestEnvironment({
    homeFolder: folder,
    hostName,
    variables: { STATE_DIRECTORY: state, AIMDB_JOIN_TOKEN: `aimdb_join_${TEAM}_secret` },
  });
  const run = (options: Options = {}) =>
    enroll(
      {
        name: "enroll",
        url: workerOfLink(worker.url),
        joinToken: { from: "environment" },
        relayName: undefined,
        force: false,
        json: false,
        configPath,
        ...options,
      },
      environment,
    );
  /** What `main` ends with 78 for. */
  const refusal = async (options?: Options) => {
    const refused = await run(options).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(NeedsOperator);
    return (refused as Error).message;
  };
  return { worker, state, environment, run, refusal };
}

test("enroll changes nothing where the device is what it asks for, and the worker accepts the key", async () => {
  const { worker, environment, run } = await begin();

  expect(await run({ relayName: "gateway" })).toBe(0);

  expect(environment.printed).toBe(
    'Enrolled already, as "gateway" in team "Plant"; the worker accepts its key.\n',
  );
  expect(environment.printedError).toBe("");
  expect(worker.requests.map(({ url }) => url)).toEqual(["/relay"]);
});

test("enroll can be repeated where the join token's file is gone", async () => {
  const { environment, run } = await begin();

  expect(await run({ joinToken: { from: "file", path: "/nowhere/token" }, json: true })).toBe(0);
  expect(JSON.parse(environment.printed)).toMatchObject({ changed: false, relay: "gateway" });
});

test("enroll can be repeated with the token origin that it was first given", async () => {
  const { worker, state, environment, run } = await begin();
  const url = new URL("https://token.aimdb.example.com");
  const link_url = worker.url.href;
  const team = { id: TEAM, name: "Plant" };
  await writeIdentity(state, identityOf({ link_url, team, enrolled_at: url.origin }));

  expect(await run({ url, json: true })).toBe(0);
  expect(JSON.parse(environment.printed)).toMatchObject({ changed: false, relay: "gateway" });
  expect(await run()).toBe(0);
});

test.each<[string, Options, string]>([
  [
    "another team",
    { joinToken: { from: "argument", token: `aimdb_join_${OTHER_TEAM}_s` } },
    "the join token is of another team",
  ],
  ["another name", { relayName: "boiler" }, 'and not as "boiler"'],
  ["another worker", { url: new URL("https://aimdb.example.com") }, "which is another worker"],
])("enroll wants --force to move a device to %s", async (_what, options, why) => {
  const { worker, refusal } = await begin();

  const told = await refusal(options);

  expect(told).toContain('This device is enrolled already, as "gateway" in team "Plant"');
  expect(told).toContain(`${why}. --force enrolls it anew.`);
  expect(told).not.toContain("aimdb_join_");
  expect(worker.requests).toEqual([]);
});

test("enroll finds a device that was made from another one's image by its host name", async () => {
  const { refusal } = await begin(ACCEPTED, "gw-2");

  expect(await refusal()).toContain('and not as "gw-2". --force');
});

test("enroll says of a device that was revoked that --force enrolls it anew", async () => {
  const { state, refusal } = await begin({ status: 410, code: "revoked" });
  const before = await readdir(state);

  expect(await refusal()).toBe(
    'This device is enrolled already, as "gateway" in team "Plant", but the worker refuses it. The relay was revoked. Ask the team\'s owner for a join token and enroll again. --force does so.',
  );
  expect(await readdir(state)).toEqual(before);
});

test("enroll ends with 1 where it can't be known whether the worker accepts the key", async () => {
  const { environment, run } = await begin({ status: 502, code: "bad_gateway" });

  expect(await run()).toBe(1);
  expect(environment.printedError).toContain("whether the worker accepts it could not be asked");
});

test("enroll says of a device without its key that --force enrolls it anew", async () => {
  const { state, refusal } = await begin();
  await rm(join(state, "key.json"));

  expect(await refusal()).toContain("but its key is gone. --force enrolls it anew.");
});
