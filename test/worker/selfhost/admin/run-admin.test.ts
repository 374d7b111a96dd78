import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { afterEach, describe, expect, test } from "vitest";
import { runAdmin } from "../../../../worker/selfhost/admin/run-admin.ts";

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => {
      server.close(resolve);
    });
  }
});

interface Run {
  readonly code: number;
  readonly out: readonly string[];
  readonly told: readonly string[];
}

async function run(args: string, env: Record<string, string>): Promise<Run> {
  const [out, told]: [string[], string[]] = [[], []];
  const output = {
    print: (line: string) => out.push(line),
    tell: (line: string) => told.push(line),
  };
  const code = await runAdmin(args === "" ? [] : args.split(" "), env, output);
  return { code, out, told };
}

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

async function serve(answer: Answer): Promise<Record<string, string>> {
  const server = createServer(answer);
  servers.push(server);
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  const port = typeof address === "object" ? address?.port : 0;
  return { AIMDB_URL: `http://127.0.0.1:${port}`, AIMDB_TOKEN: "token" };
}

function json(status: number, body: unknown): Answer {
  return (_request, response) => {
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  };
}

describe("npm run admin", () => {
  test("prints the thing that was made, alone, for a shell's variable", async () => {
    const env = await serve(json(201, { id: "a", token: "aimdb_join_x" }));

    expect(await run("join-token", env)).toEqual({ code: 0, out: ["aimdb_join_x"], told: [] });
  });

  test.each(["owner-link", "password-link ada@example.com"])(
    "says that %s ends the link before it, beside the link itself",
    async (args) => {
      const env = await serve(json(201, { url: "https://w.example/invite/x" }));

      expect(await run(args, env)).toEqual({
        code: 0,
        out: ["https://w.example/invite/x"],
        told: [expect.stringContaining("made earlier")],
      });
      expect((await run(`${args} --json`, env)).told).toEqual([]);
    },
  );

  test("prints the worker's own JSON with --json", async () => {
    const env = await serve(json(200, { relays: [], next: null }));

    expect((await run("relays --json", env)).out).toEqual(['{"relays":[],"next":null}']);
  });

  test("prints JSON that means the same and moves no cursor, but an export to the byte", async () => {
    const answer = { relays: ["\u009b2J\u202e\u{e0041}ä"] };
    const env = await serve((_request, response) => {
      response.end(`${JSON.stringify(answer)}\n`);
    });

    const [line = ""] = (await run("relays --json", env)).out;

    expect(line.trim()).toBe(String.raw`{"relays":["\u009b2J\u202e\udb40\udc41ä"]}`);
    expect(JSON.parse(line)).toEqual(answer);
    expect((await run("activity export", env)).out).toEqual([JSON.stringify(answer)]);
  });

  test("prints a list in columns, where a stranger's text moves no cursor", async () => {
    const members = [{ id: "a", role: "owner", email: "a@b.c", name: "x\u001b[2J\u202e" }];
    const env = await serve(json(200, { members }));

    expect((await run("members", env)).out).toEqual(["a\towner\ta@b.c\tx?[2J?"]);
  });

  test("says of a relay that it was seen twice, from when and from where", async () => {
    const seen = { first_at: "2026-01-02T03:04:05Z", last_at: "2026-01-03T03:04:05Z" };
    const clone_suspected = { ...seen, networks: ["192.0.2.0/24"] };
    const relays = [
      { name: "gw-1", clone_suspected },
      { name: "gw-2", clone_suspected: null },
    ];
    const env = await serve(json(200, { relays, next: null }));

    const [copied, whole] = (await run("relays", env)).out;

    expect(copied).toMatch(/^gw-1\t.*first_at:2026-01-02.*192\.0\.2\.0\/24/);
    expect(whole).toBe(`gw-2${"\t-".repeat(6)}`);
  });

  test("says nothing if there is nothing to say, and {} with --json", async () => {
    const env = await serve((_request, response) => {
      response.writeHead(204).end();
    });

    expect(await run("relay revoke gw-1", env)).toEqual({ code: 0, out: [], told: [] });
    expect((await run("relay revoke gw-1 --json", env)).out).toEqual(["{}"]);
  });

  test("says when a change takes effect if it has not yet", async () => {
    const env = await serve(json(202, { effective_at: "2026-01-02T03:04:05.000Z" }));

    expect(await run("relay revoke gw-1", env)).toEqual({
      code: 0,
      out: [],
      told: [expect.stringContaining("by 2026-01-02T03:04:05.000Z")],
    });
  });

  test("ends with 1 and the worker's reason if that refuses", async () => {
    const env = await serve(json(404, { error: { code: "not_found", message: "No such relay." } }));
    const plain = await run("relay revoke gw-1", env);
    const asJson = await run("relay revoke gw-1 --json", env);

    expect(plain).toEqual({ code: 1, out: [], told: ["No such relay."] });
    expect(asJson.code).toBe(1);
    expect(JSON.parse(asJson.out[0] ?? "")).toMatchObject({ error: { code: "not_found" } });
  });

  test("ends with 1 if nobody answers, and does not show the token", async () => {
    const env = { AIMDB_URL: "http://127.0.0.1:1", AIMDB_TOKEN: "a-secret-token" };
    const { code, told } = await run("relays", env);

    expect(code).toBe(1);
    expect(told.join()).toContain("can't be reached");
    expect(told.join()).not.toContain("a-secret-token");
  });

  test("follows no redirect with the token", async () => {
    const seen: (string | undefined)[] = [];
    const elsewhere = await serve((request, response) => {
      seen.push(request.headers.authorization);
      response.end("{}");
    });
    const env = await serve((_request, response) => {
      response.writeHead(307, { location: String(elsewhere["AIMDB_URL"]) }).end();
    });

    expect((await run("relays", env)).code).toBe(1);
    expect(seen).toEqual([]);
  });

  test.each([
    { why: "nothing is set", env: {} },
    { why: "the address is none", env: { AIMDB_URL: "nonsense", AIMDB_TOKEN: "t" } },
    {
      why: "the token would cross a network in clear",
      env: { AIMDB_URL: "http://aimdb.example.com", AIMDB_TOKEN: "t" },
    },
  ])("ends with 2 where $why", async ({ env }) => {
    expect((await run("relays", env as Record<string, string>)).code).toBe(2);
  });

  test("ends with 2 for a command that is none, and with 0 for help", async () => {
    expect((await run("nonsense", {})).code).toBe(2);
    expect(await run("--help", {})).toMatchObject({ code: 0, told: [] });
  });
});
