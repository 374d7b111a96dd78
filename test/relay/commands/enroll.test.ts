import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { importJWK, jwtVerify } from "jose";
import { describe, expect, test } from "vitest";
import { ENROLL_PROOF_TYPE } from "#shared/link/dial-token.ts";
import { ENROLL_PATH, enrollRequestSchema } from "#shared/link/enrollment.ts";
import type { Command } from "../../../relay/cli.ts";
import { enroll } from "../../../relay/commands/enroll.ts";
import { readIdentity } from "../../../relay/identity/identity.ts";
import { startEnrollServer } from "../support/enroll-server.ts";
import { freshFolder } from "../support/fresh-folder.ts";
import { TestEnvironment } from "../support/test-environment.ts";

const TOKEN = "aimdb_join_t1_secret";

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
        url: worker.url,
        joinToken: { from: "environment" },
        relayName: undefined,
        force: false,
        configPath: undefined,
        ...options,
      },
      environment,
    );
  return { worker, state, homeFolder, environment, run };
}

describe("enroll", () => {
  test("keeps its key and what the worker answered, for the owner only", async () => {
    const { worker, state, environment, run } = await begin();

    expect(await run()).toBe(0);

    expect(await readIdentity(state)).toEqual(worker.answer.body);
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
  ] as const)("and says so where %s holds none", async (_name, joinToken) => {
    const { worker, environment, run } = await begin({ tokenVariable: "  " });
    expect(await run({ joinToken })).toBe(1);
    expect(environment.printedError).toBe(
      "No join token. Give --join-token-file FILE, --join-token -, or AIMDB_JOIN_TOKEN.\n",
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
  test("a device that is enrolled already", async () => {
    const { worker, environment, run } = await begin();
    await run();
    environment.printedError = "";

    expect(await run()).toBe(1);

    expect(environment.printedError).toBe(
      'This device is enrolled already, as "gateway" in team "Plant". --force enrolls it anew.\n',
    );
    expect(worker.asked).toHaveLength(1);
  });

  test.each([
    ["http://aimdb.example.com", "Plain http"],
    ["https://aimdb.example.com/relay", "path"],
    ["aimdb.example.com", "is not a URL"],
  ])("the worker %s", async (url, error) => {
    const { environment, state, run } = await begin();
    expect(await run({ url })).toBe(1);
    expect(environment.printedError).toContain(error);
    await expect(readdir(state)).rejects.toMatchObject({ code: "ENOENT" });
  });

  test("a configuration that is wrong", async () => {
    const { homeFolder, environment, run } = await begin();
    const configPath = join(homeFolder, "relay.toml");
    await writeFile(configPath, "nope = 1");
    expect(await run({ configPath })).toBe(1);
    expect(environment.printedError).toBe(`${configPath}: nope: unknown key\n`);
  });

  test.each([
    "ws://aimdb.example.com/relay",
    "http://127.0.0.1/relay",
    "wss://aimdb.example.com/elsewhere",
    "wss://aimdb.example.com/relay?x=1",
    "wss://u:p@aimdb.example.com/relay",
    "not a url",
  ])("the link address %s [E-8]", async (link_url) => {
    const { worker, state, environment, run } = await begin();
    worker.answer = { status: 201, body: { ...(worker.answer.body as object), link_url } };
    expect(await run()).toBe(1);
    expect(environment.printedError).toContain("The worker named an unsafe address.");
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
  test("enrolls a device anew", async () => {
    const { worker, state, run } = await begin();
    await run();
    worker.answer = { status: 200, body: { ...(worker.answer.body as object), relay: "other" } };
    expect(await run({ force: true })).toBe(0);
    expect((await readIdentity(state))?.relay).toBe("other");
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
    expect(await run({ force: true })).toBe(1);
    expect((await readIdentity(state))?.relay).toBe("gateway");
  });
});

describe("enroll tells the operator", () => {
  test("the worker's own words", async () => {
    const { worker, environment, run } = await begin();
    const error = { code: "unauthorized", message: "The join token is not valid." };
    worker.answer = { status: 401, body: { error } };
    expect(await run()).toBe(1);
    expect(environment.printedError).toContain("\nThe join token is not valid.\n");
  });

  test("a name that is free where the one it wanted is not", async () => {
    const { worker, environment, run } = await begin();
    const error = { code: "name_taken", message: "The name is taken.", free_name: "gateway-2" };
    worker.answer = { status: 409, body: { error } };
    expect(await run()).toBe(1);
    expect(environment.printedError).toContain("The name is taken. Free: --name gateway-2\n");
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
    expect(await run({ url: "http://127.0.0.1:1" })).toBe(1);
    expect(environment.printedError).toContain("Cannot reach http://127.0.0.1:1");
    expect(environment.printedError).not.toContain(TOKEN);
  });

  test("what to do where the worker can't be reached", async () => {
    const { environment, run } = await begin();
    expect(await run({ url: "http://127.0.0.1:1" })).toBe(1);
    expect(environment.printedError).toMatch(/\n-> Check that the worker is running .*\n$/);
  });
});
