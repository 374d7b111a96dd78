import { reset } from "cloudflare:test";
import { afterEach, describe, expect, test } from "vitest";
import { createSecret } from "../../../worker/auth/secret.ts";
import type { Env } from "../../../worker/env.ts";
import { postMcp, type RpcBody } from "../support/mcp.ts";
import { objectIds } from "../support/objects.ts";
import { createTeam } from "../support/team.ts";
import { bearer, bindings, fetchWorker, ORIGIN, TOKEN_ORIGIN } from "../support/worker.ts";

afterEach(() => reset());

const LIST = { jsonrpc: "2.0", id: 41, method: "tools/list" };

async function freshToken(): Promise<string> {
  return (await createTeam()).accessToken();
}

async function shown(response: Response): Promise<object> {
  const type = response.headers.get("content-type");
  return { status: response.status, type, body: await response.json() };
}

const ANY_CODE: unknown = expect.any(Number);

/** What every refusal looks like: JSON-RPC's error, with the id of the request if it has one. */
function refusal(status: number, change: { id?: unknown; code?: unknown } = {}): object {
  const { id, code } = { id: 41, code: ANY_CODE, ...change };
  const error = { code, message: expect.stringMatching(/./) };
  return { status, type: "application/json", body: { jsonrpc: "2.0", id, error } };
}

describe("the token of /mcp", () => {
  test.each([
    { name: "none", token: () => undefined },
    { name: "text that is none", token: () => "abc" },
    { name: "one of an invented team", token: () => createSecret("pat", "ab".repeat(32)) },
  ])(
    "is missing for $name: at the token origin 401 for every method, with a plain challenge",
    async ({ token }) => {
      const address = `${TOKEN_ORIGIN}/mcp`;
      const headers = token() === undefined ? {} : bearer(token() ?? "");
      const before = await objectIds("TEAM");
      const responses = {
        POST: await postMcp(token(), LIST, {}, address),
        GET: await fetchWorker(address, { headers }),
        DELETE: await fetchWorker(address, { method: "DELETE", headers }),
      };

      for (const [method, response] of Object.entries(responses)) {
        expect(response.headers.get("www-authenticate")).toBe("Bearer");
        expect(await shown(response)).toEqual(refusal(401, { id: method === "POST" ? 41 : null }));
      }
      expect(await objectIds("TEAM")).toEqual(before);
    },
  );

  test.each(["access_token", "token", "authorization"])("is ignored in ?%s=", async (name) => {
    const token = await freshToken();

    const response = await postMcp(undefined, LIST, {}, `/mcp?${name}=${token}`);

    expect(await shown(response)).toEqual(refusal(401));
  });

  test("is checked before method, media type and form", async () => {
    expect(await shown(await postMcp(undefined, "{", { "content-type": "text/plain" }))).toEqual(
      refusal(401, { id: null }),
    );
  });

  test("is valid at /mcp/, too", async () => {
    expect((await postMcp(await freshToken(), LIST, {}, "/mcp/")).status).toBe(200);
  });

  test.each([
    { name: "the call and not the cause", settings: {}, message: /under call [0-9a-f]{16}\.$/ },
    { name: "the cause in development", settings: { AIMDB_DEV: "1" }, message: /s3cret/ },
  ])("that can't be checked is answered 500 with $name", async ({ settings, message }) => {
    const broken = { get: () => ({ authorize: () => Promise.reject(new Error("s3cret")) }) };
    const TEAM = { ...broken, idFromString: (id: string) => bindings.TEAM.idFromString(id) };
    const token = await freshToken();
    const init = { method: "POST", headers: bearer(token), body: JSON.stringify(LIST) };

    const env = { ...settings, TEAM } as unknown as Partial<Env>;
    const response = await fetchWorker("/mcp", init, env);

    const { error } = await response.clone().json<RpcBody>();
    expect(error.message).toMatch(message);
    expect(await shown(response)).toEqual(refusal(500, { code: -32_603 }));
  });
});

describe("the method of /mcp", () => {
  test.each(["GET", "DELETE", "PUT", "PATCH"])("may not be %s", async (method) => {
    const response = await fetchWorker("/mcp", { method, headers: bearer(await freshToken()) });

    expect(response.headers.get("allow")).toBe("POST, OPTIONS");
    expect(await shown(response)).toEqual(refusal(405, { id: null }));
  });

  test("may be HEAD, which has no body", async () => {
    const headers = bearer(await freshToken());

    expect((await fetchWorker("/mcp", { method: "HEAD", headers })).status).toBe(405);
  });

  test("may be OPTIONS, without a token", async () => {
    const response = await fetchWorker("/mcp", {
      method: "OPTIONS",
      headers: {
        origin: ORIGIN,
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization",
      },
    });

    expect(response.status).toBe(204);
    expect(response.headers.get("access-control-allow-origin")).toBe(ORIGIN);
    expect(response.headers.get("access-control-allow-methods")).toContain("POST");
    const allowed = response.headers.get("access-control-allow-headers")?.split(/,\s*/);
    expect(allowed).toEqual(
      expect.arrayContaining([
        "authorization",
        "content-type",
        "accept",
        "mcp-protocol-version",
        "mcp-method",
        "mcp-name",
        "mcp-session-id",
        "last-event-id",
      ]),
    );
  });
});

describe("the Origin of /mcp", () => {
  test("may be absent", async () => {
    const response = await postMcp(await freshToken(), LIST);

    expect(response.status).toBe(200);
    expect(response.headers.get("access-control-allow-origin")).toBeNull();
  });

  test.each([ORIGIN, "http://token.localhost:8787", "http://127.0.0.1:6274"])(
    "may be %s, which then may read answers and refusals",
    async (origin) => {
      const token = await freshToken();
      const responses = [
        await postMcp(token, LIST, { origin }),
        await postMcp(undefined, LIST, { origin }),
        await postMcp(token, "{", { origin }),
        await fetchWorker("/mcp", { headers: { ...bearer(token), origin } }),
      ];

      for (const response of responses) {
        expect(response.headers.get("access-control-allow-origin")).toBe(origin);
        expect(response.headers.get("vary")).toBe("origin");
        const exposed = response.headers.get("access-control-expose-headers");
        expect(exposed?.split(", ")).toEqual(
          expect.arrayContaining(["WWW-Authenticate", "Retry-After"]),
        );
      }
      expect(responses.map(({ status }) => status)).toEqual([200, 401, 400, 405]);
    },
  );

  test.each(["http://evil.example", "null", "https://localhost.evil.example"])(
    "may not be %s, with or without a token",
    async (origin) => {
      const token = await freshToken();
      for (const each of [token, undefined]) {
        const response = await postMcp(each, LIST, { origin });
        expect(response.headers.get("access-control-allow-origin")).toBeNull();
        expect(await shown(response)).toEqual(refusal(403));
      }
      const preflight = await fetchWorker("/mcp", { method: "OPTIONS", headers: { origin } });
      expect(preflight.status).toBe(403);
    },
  );
});

describe("the body of /mcp", () => {
  function withPadding(bytes: number): string {
    const empty = JSON.stringify({ ...LIST, params: { _meta: { padding: "" } } });
    return empty.replace('"padding":""', `"padding":"${"x".repeat(bytes - empty.length)}"`);
  }

  test("may have 256 KiB", async () => {
    const response = await postMcp(await freshToken(), withPadding(256 * 1024));

    expect(response.status).toBe(200);
  });

  test("may not have more, with or without a token", async () => {
    const body = withPadding(256 * 1024 + 1);
    const length = { "content-length": String(body.length) };

    for (const token of [await freshToken(), undefined]) {
      expect(await shown(await postMcp(token, body, length))).toEqual(refusal(413, { id: null }));
    }
    expect(await shown(await postMcp(await freshToken(), body))).toEqual(
      refusal(413, { id: null }),
    );
  });

  test("is not read from a stranger if it is long, who is told so without its id", async () => {
    const response = await postMcp(undefined, withPadding(100 * 1024));

    expect(await shown(response)).toEqual(refusal(401, { id: null }));
  });

  test.each([
    { name: "a value of 11 levels", value: nested(11) },
    { name: "an object of 101 keys", value: objectOf(101) },
    { name: "an array of 1001 items", value: `[${"0,".repeat(1_000)}0]` },
  ])("may not hold $name", async ({ value }) => {
    expect(await shown(await postMcp(await freshToken(), writeOf(value)))).toEqual(
      refusal(400, { code: -32_600 }),
    );
  });

  test.each([
    { name: "a value of 10 levels", value: nested(10) },
    { name: "an object of 100 keys", value: objectOf(100) },
    { name: "an array of 1000 items", value: `[${"0,".repeat(999)}0]` },
  ])("may hold $name", async ({ value }) => {
    expect((await postMcp(await freshToken(), writeOf(value))).status).toBe(200);
  });

  test.each(["{", "", "\u0000", "undefined", '{"jsonrpc":"2.0","id":41,'])(
    "may not be %j",
    async (body) => {
      expect(await shown(await postMcp(await freshToken(), body))).toEqual(
        refusal(400, { id: null, code: -32_700 }),
      );
    },
  );

  test.each(["text/plain", "application/x-www-form-urlencoded", null])(
    "may not be of type %s",
    async (type) => {
      const response = await postMcp(await freshToken(), LIST, { "content-type": type });

      expect(await shown(response)).toEqual(refusal(415));
    },
  );

  test.each(["application/json; charset=utf-8", "Application/JSON"])(
    "may be of type %s",
    async (type) => {
      const response = await postMcp(await freshToken(), LIST, { "content-type": type });

      expect(response.status).toBe(200);
    },
  );
});

function writeOf(value: string): string {
  const call = { name: "set_record", arguments: { record_name: "a", value: "VALUE" } };
  return JSON.stringify({ ...LIST, method: "tools/call", params: call }).replace('"VALUE"', value);
}

function nested(levels: number): string {
  return "[".repeat(levels) + "]".repeat(levels);
}

function objectOf(count: number): string {
  return JSON.stringify(Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, 0])));
}

test("answers of /mcp are neither stored nor changed anywhere", async () => {
  for (const token of [await freshToken(), undefined]) {
    expect((await postMcp(token, LIST)).headers.get("cache-control")).toBe(
      "no-store, no-transform",
    );
  }
});
