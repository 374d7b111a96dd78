import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { importJWK, jwtVerify } from "jose";
import { describe, expect, onTestFinished, test } from "vitest";
import { ENROLL_PROOF_TYPE } from "#shared/link/dial-token.ts";
import { ENROLL_PATH, enrollRequestSchema } from "#shared/link/enrollment.ts";
import type { Command } from "../../../relay/cli.ts";
import { enroll } from "../../../relay/commands/enroll.ts";
import { ControlServer } from "../../../relay/control/control-server.ts";
import { readIdentity } from "../../../relay/identity/identity.ts";
import { needsOperator, NeedsOperator } from "../../../relay/needs-operator.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { startEnrollServer } from "../support/worker-side/enroll-server.ts";
import { freshFolder } from "../support/device/fresh-folder.ts";
import { TestEnvironment } from "../support/device/test-environment.ts";

const TOKEN = "aimdb_join_t1_secret";

const MOVED = {
  status: 201,
  body: {
    relay: "other",
    relay_id: "cd".repeat(32),
    installation: "installation-1",
    team: { id: "t2", name: "Port" },
    link_url: "wss://aimdb.example.com/relay",
  },
};

type Options = Partial<Omit<Extract<Command, { name: "enroll" }>, "name">>;

async function begin(more: { stdin?: string; hostName?: string; tokenVariable?: string } = {}) {
  const worker = await startEnrollServer();
  const homeFolder = await freshFolder();
  const state = join(homeFolder, "state");
  const { tokenVariable = TOKEN, ...rest } = more;
  const variables = { STATE_DIRECTORY: state, AIMDB_JOIN_TOKEN: tokenVariable };
  const environment = new TestEnvironment({ homeFolder, variables, ...rest });
  const run = (options: Options = {}) =>
    enroll(
      {
        name: "enroll",
        url: new URL(worker.url),
        joinToken: { from: "environment" },
        relayName: undefined,
        force: false,
        json: false,
        configPath: undefined,
        ...options,
      },
      environment,
    );
  return { worker, state, homeFolder, environment, run };
}

/** As a relay that runs with this state. */
async function openControl(state: string): Promise<void> {
  const refuse = () => Promise.reject(new Error("Nothing waits."));
  const server = await ControlServer.open({
    path: join(state, "control.sock"),
    handlers: { status: refuse, writes: refuse, decide: refuse },
    clock: new ManualClock(),
  });
  onTestFinished(() => server.close());
}

describe("enroll", () => {
  test("keeps its key and what the worker answered, for the owner only", async () => {
    const { worker, state, environment, run } = await begin();

    expect(await run()).toBe(0);

    expect(await readIdentity(state)).toEqual({
      ...(worker.answer.body as object),
      enrolled_at: worker.url,
    });
    for (const name of await readdir(state)) {
      expect((await stat(join(state, name))).mode & 0o777).toBe(0o600);
    }
    expect((await readdir(state)).toSorted()).toEqual(["identity.json", "key.json"]);
    expect(environment.printed).toBe(
      'Enrolled as "gateway" in team "Plant". Next: aimdb-relay run\n',
    );
  });

  test("sends the public half of its key and a proof for this join token [E-1]", async () => {
    const { worker, state, run } = await begin();
    await run({ relayName: "boiler-house" });

    const [asked] = worker.asked;
    expect(asked?.path).toBe(ENROLL_PATH);
    expect(asked?.headers.authorization).toBe(`Bearer ${TOKEN}`);
    const body = enrollRequestSchema.parse(asked?.body);
    expect(body.name).toBe("boiler-house");
    const verifier = await importJWK(body.public_key, "EdDSA");
    await expect(
      jwtVerify(body.proof, verifier, { typ: ENROLL_PROOF_TYPE }),
    ).resolves.toBeDefined();
    const key = JSON.parse(await readFile(join(state, "key.json"), "utf8")) as { d: string };
    expect(JSON.stringify(asked)).not.toContain(key.d);
    expect(JSON.stringify(asked?.body)).not.toContain("secret");
  });

  test.each([
    ["gateway-7.plant.example", "gateway-7-plant-example"],
    ["Boiler House", "boiler-house"],
    ["温度", "relay"],
  ])("takes its name from the host name %s", async (hostName, name) => {
    const { worker, run } = await begin({ hostName });
    await run();
    expect(worker.asked[0]?.body.name).toBe(name);
  });

  test("says where it enrolls, as what", async () => {
    const { worker, environment, run } = await begin();
    await run();
    expect(environment.printedError).toBe(`Enrolling "gateway" at ${worker.url}\n`);
  });

  test("tries again with the key that it made, whatever became of the answer", async () => {
    const { worker, run } = await begin();
    const good = worker.answer;
    worker.answer = { status: 502, body: "<html>" };
    expect(await run()).toBe(1);
    worker.answer = good;
    expect(await run()).toBe(0);
    const [first, second] = worker.asked;
    expect(second?.body.public_key).toEqual(first?.body.public_key);
  });
});

describe("enroll takes its join token", () => {
  test("from a file", async () => {
    const { worker, homeFolder, run } = await begin({ tokenVariable: "other" });
    const path = join(homeFolder, "token");
    await writeFile(path, `${TOKEN}\n`);
    await run({ joinToken: { from: "file", path } });
    expect(worker.asked[0]?.headers.authorization).toBe(`Bearer ${TOKEN}`);
  });

  test("from standard input", async () => {
    const { worker, run } = await begin({ stdin: `  ${TOKEN}\n` });
    await run({ joinToken: { from: "stdin" } });
    expect(worker.asked[0]?.headers.authorization).toBe(`Bearer ${TOKEN}`);
  });

  test("from the command line, with a warning that does not repeat it", async () => {
    const { worker, environment, run } = await begin();
    await run({ joinToken: { from: "argument", token: TOKEN } });
    expect(worker.asked[0]?.headers.authorization).toBe(`Bearer ${TOKEN}`);
    expect(environment.printedError).toContain("Warning: a token on the command line");
    expect(environment.printedError).not.toContain(TOKEN);
  });

  test.each([
    ["the environment", { from: "environment" }],
    ["standard input", { from: "stdin" }],
  ] as const)("and needs a person where %s holds none", async (_name, joinToken) => {
    const { worker, run } = await begin({ tokenVariable: "  " });
    await expect(run({ joinToken })).rejects.toThrow(
      new NeedsOperator(
        "No join token. Give --join-token-file FILE, --join-token -, or AIMDB_JOIN_TOKEN.",
      ),
    );
    expect(worker.asked).toEqual([]);
  });

  test("and throws for a file that is not there, and names it", async () => {
    const { homeFolder, run } = await begin();
    const path = join(homeFolder, "missing");
    await expect(run({ joinToken: { from: "file", path } })).rejects.toThrow(
      `The join token's file ${path} can't be read (ENOENT).`,
    );
  });
});

describe("enroll refuses", () => {
  test("a configuration that is wrong", async () => {
    const { homeFolder, environment, run } = await begin();
    const configPath = join(homeFolder, "relay.toml");
    await writeFile(configPath, "nope = 1");
    await expect(run({ configPath })).rejects.toThrow(
      new NeedsOperator(`${configPath}: nope: unknown key`),
    );
    expect(environment.printed).toBe("");
  });

  test.each([
    "ws://aimdb.example.com/relay",
    "http://127.0.0.1/relay",
    "wss://aimdb.example.com/elsewhere",
    "wss://aimdb.example.com/relay?x=1",
    "wss://u:p@aimdb.example.com/relay",
    "not a url",
  ])("the link address %s [E-8]", async (link_url) => {
    const { worker, state, run } = await begin();
    worker.answer = { status: 201, body: { ...(worker.answer.body as object), link_url } };
    const refused = await run().catch((error: unknown) => error);
    expect(needsOperator(refused)).toBe(true);
    expect(String(refused)).toContain("The worker named an unsafe address.");
    expect(await readIdentity(state)).toBeUndefined();
  });
});

test.each(["wss://relay.example.com/relay", "wss://relay/relay", "ws://localhost:1/relay"])(
  "enroll takes the link address %s",
  async (link_url) => {
    const { worker, state, run } = await begin();
    worker.answer = { status: 201, body: { ...(worker.answer.body as object), link_url } };
    expect(await run()).toBe(0);
    expect((await readIdentity(state))?.link_url).toBe(link_url);
  },
);

describe("enroll --force", () => {
  test("moves a device to another team, and says what the old one still has to do", async () => {
    const { worker, state, environment, run } = await begin();
    await run();
    environment.printed = "";
    worker.answer = MOVED;

    expect(await run({ force: true })).toBe(0);

    expect(await readIdentity(state)).toEqual({ ...MOVED.body, enrolled_at: worker.url });
    expect(environment.printed).toBe(
      `Enrolled as "other" in team "Port". Next: aimdb-relay run
It was "gateway" in team "Plant" and is still listed there: an owner of that team revokes it.
`,
    );
  });

  test("says that a relay which runs is what it was until it is restarted", async () => {
    const { worker, state, environment, run } = await begin();
    await run();
    await openControl(state);
    worker.answer = MOVED;

    await run({ force: true });

    expect(environment.printed).toContain("Next: restart the relay that runs here");
  });

  test("says in JSON what the device is, and what it was", async () => {
    const { worker, environment, run } = await begin();
    await run({ json: true });
    const first = JSON.parse(environment.printed);
    environment.printed = "";
    worker.answer = MOVED;
    await run({ force: true, json: true });

    const { installation: _secretless, ...enrolled } = MOVED.body;
    expect(first).toMatchObject({ changed: true, relay: "gateway", previous: null });
    expect(JSON.parse(environment.printed)).toEqual({
      changed: true,
      ...enrolled,
      previous: { relay: "gateway", team: { id: "t1", name: "Plant" } },
    });
  });

  test.each(["{", "{}"])("enrolls a device whose identity is damaged: %s", async (text) => {
    const { state, run } = await begin();
    await run();
    await writeFile(join(state, "identity.json"), text);
    expect(await run({ force: true })).toBe(0);
    expect((await readIdentity(state))?.relay).toBe("gateway");
  });

  test("keeps the old identity where the worker refuses", async () => {
    const { worker, state, run } = await begin();
    await run();
    worker.answer = { status: 401, body: { error: { code: "unauthorized", message: "No." } } };
    await expect(run({ force: true })).rejects.toThrow(new NeedsOperator("No."));
    expect((await readIdentity(state))?.relay).toBe("gateway");
  });
});

describe("enroll tells the operator", () => {
  test.each([
    [401, "unauthorized"],
    [403, "name_not_allowed"],
    [409, "team_full"],
  ])("the worker's own words of %d %s, and needs a person", async (status, code) => {
    const { worker, run } = await begin();
    worker.answer = { status, body: { error: { code, message: "What the worker says." } } };
    await expect(run()).rejects.toThrow(new NeedsOperator("What the worker says."));
  });

  test.each([
    [429, "slow_down"],
    [503, "unavailable"],
  ])("the worker's own words of %d %s, which may pass", async (status, code) => {
    const { worker, environment, run } = await begin();
    worker.answer = { status, body: { error: { code, message: "What the worker says." } } };
    expect(await run()).toBe(1);
    expect(environment.printedError).toContain("\nWhat the worker says.\n");
  });

  test("a name that is free where the one it wanted is not", async () => {
    const { worker, run } = await begin();
    const error = { code: "name_taken", message: "The name is taken.", free_name: "gateway-2" };
    worker.answer = { status: 409, body: { error } };
    await expect(run()).rejects.toThrow(
      new NeedsOperator("The name is taken. Free: --name gateway-2"),
    );
  });

  test.each([
    [200, "<html>"],
    [200, {}],
    [404, "not found"],
    [500, { error: "x" }],
    [302, { relay: "gateway" }],
  ])("that %d %j is no answer of a worker", async (status, body) => {
    const { worker, state, environment, run } = await begin();
    worker.answer = { status, body };
    expect(await run()).toBe(1);
    expect(environment.printedError).toContain(
      `${worker.url} answered ${status} and is no aimdb-remote worker, it seems.`,
    );
    expect(await readIdentity(state)).toBeUndefined();
  });

  test("that the worker can't be reached", async () => {
    const { environment, run } = await begin();
    expect(await run({ url: new URL("http://127.0.0.1:1") })).toBe(1);
    expect(environment.printedError).toContain("Cannot reach http://127.0.0.1:1");
    expect(environment.printedError).not.toContain(TOKEN);
  });

  test("what to do where the worker can't be reached", async () => {
    const { environment, run } = await begin();
    expect(await run({ url: new URL("http://127.0.0.1:1") })).toBe(1);
    expect(environment.printedError).toMatch(/\n-> Check that the worker is running .*\n$/);
  });
});
