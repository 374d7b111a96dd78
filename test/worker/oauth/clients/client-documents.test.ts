import { describe, expect, test } from "vitest";
import { ClientDocuments } from "../../../../worker/oauth/clients/client-documents.ts";

const ID = "https://client.example/oauth/client.json";
const DOCUMENT = {
  client_id: ID,
  client_name: "Example Client",
  redirect_uris: ["http://127.0.0.1/callback", "https://client.example/callback"],
  token_endpoint_auth_method: "none",
};

interface Asked {
  readonly url: string;
  readonly init: RequestInit;
}

/** A web on which every address gives the same answer. */
function web(answer: () => Response): { asked: Asked[]; documents: ClientDocuments; clock: Clock } {
  const asked: Asked[] = [];
  const clock = { nowMs: 0 };
  const fetch = (url: string, init: RequestInit) => {
    asked.push({ url, init });
    return Promise.resolve(answer());
  };
  return { asked, clock, documents: new ClientDocuments(fetch, () => clock.nowMs) };
}

interface Clock {
  nowMs: number;
}

const REFUSED = { ok: false, error: { kind: "refused" } };

function cut(): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode('{"client_id":'));
      controller.error(new Error("connection reset"));
    },
  });
}

function document(change: Record<string, unknown> = {}, headers: Record<string, string> = {}) {
  return () => Response.json({ ...DOCUMENT, ...change }, { headers });
}

describe("a client's document", () => {
  test("says its name and where it may be answered", async () => {
    const { documents, asked } = web(document());

    expect(await documents.resolve(ID)).toEqual({
      ok: true,
      value: {
        clientId: ID,
        clientName: "Example Client",
        redirectUris: DOCUMENT.redirect_uris,
        grantTypes: ["authorization_code", "refresh_token"],
        responseTypes: ["code"],
        tokenEndpointAuthMethod: "none",
        authMethodExplicit: true,
      },
    });
    expect(asked).toMatchObject([{ url: ID, init: { redirect: "manual" } }]);
  });

  test.each([
    { name: "another client_id", change: { client_id: "https://other.example/client.json" } },
    { name: "no client_id", change: { client_id: undefined } },
    { name: "no name", change: { client_name: undefined } },
    { name: "an empty name", change: { client_name: " " } },
    { name: "a name that can't be shown", change: { client_name: "a\u202eb" } },
    { name: "no redirect_uris", change: { redirect_uris: [] } },
    { name: "none that is usable", change: { redirect_uris: ["javascript:alert(1)"] } },
    { name: "far too many", change: { redirect_uris: Array.from({ length: 41 }, () => ID) } },
    { name: "a secret", change: { client_secret: "s" } },
    { name: "another flow", change: { grant_types: ["client_credentials"] } },
    { name: "another response", change: { response_types: ["token"] } },
    { name: "keys only", change: { token_endpoint_auth_method: "private_key_jwt" } },
  ])("with $name is none", async ({ change }) => {
    const { documents } = web(document(change));

    expect(await documents.resolve(ID)).toMatchObject(REFUSED);
  });

  test("that offers keys or none is taken, with none", async () => {
    const { documents } = web(
      document({
        token_endpoint_auth_method: "private_key_jwt",
        token_endpoint_auth_methods_supported: ["none", "private_key_jwt"],
      }),
    );

    expect(await documents.resolve(ID)).toMatchObject({
      value: { tokenEndpointAuthMethod: "none" },
    });
  });

  test.each([301, 302, 303, 307, 308])("that is elsewhere (%i) is not followed", async (status) => {
    const { documents, asked } = web(
      () => new Response(null, { status, headers: { location: "http://169.254.169.254/" } }),
    );

    expect(await documents.resolve(ID)).toMatchObject(REFUSED);
    expect(asked).toHaveLength(1);
  });

  test.each([
    { name: "is gone", answer: () => Response.json(DOCUMENT, { status: 404 }) },
    { name: "is no JSON", answer: () => new Response("<html>") },
    { name: "is no object", answer: () => Response.json([DOCUMENT]) },
    { name: "has more than 5 KiB", answer: document({ padding: "x".repeat(5 * 1024) }) },
  ])("that $name is none", async ({ answer }) => {
    expect(await web(answer).documents.resolve(ID)).toMatchObject(REFUSED);
  });

  test.each([
    { name: "has no host that answers", answer: () => Promise.reject(new Error("refused")) },
    { name: "is cut short", answer: () => Promise.resolve(new Response(cut())) },
    ...[408, 429, 500, 503].map((status) => ({
      name: `can't be had now (${status})`,
      answer: () => Promise.resolve(Response.json(DOCUMENT, { status })),
    })),
  ])("that $name is not known", async ({ answer }) => {
    const documents = new ClientDocuments(answer, () => 0);

    expect(await documents.resolve(ID)).toMatchObject({
      ok: false,
      error: { kind: "unreachable" },
    });
  });

  test.each([
    "http://client.example/oauth/client.json",
    "https://127.0.0.1/client.json",
    "https://169.254.169.254/latest/meta-data",
    "https://localhost/client.json",
  ])("at %s is not asked for", async (id) => {
    const { documents, asked } = web(document({ client_id: id }));

    expect(await documents.resolve(id)).toMatchObject(REFUSED);
    expect(asked).toEqual([]);
  });
});

describe("the document is asked for again", () => {
  test.each([
    { control: undefined, keptMs: 5 * 60_000 },
    { control: "max-age=60", keptMs: 60_000 },
    { control: "public, max-age=999999999", keptMs: 24 * 3_600_000 },
  ])("after its time: $control", async ({ control, keptMs }) => {
    const headers: Record<string, string> = {};
    if (control !== undefined) headers["cache-control"] = control;
    const { documents, asked, clock } = web(document({}, headers));
    await documents.resolve(ID);

    clock.nowMs = keptMs - 1;
    await documents.resolve(ID);
    expect(asked).toHaveLength(1);

    clock.nowMs = keptMs;
    await documents.resolve(ID);
    expect(asked).toHaveLength(2);
  });

  test.each(["no-store", "no-cache", "private, no-store, max-age=600", "max-age=0"])(
    "each time with %s",
    async (control) => {
      const { documents, asked } = web(document({}, { "cache-control": control }));

      await documents.resolve(ID);
      await documents.resolve(ID);

      expect(asked).toHaveLength(2);
    },
  );

  test("each time while it is not good", async () => {
    const { documents, asked } = web(() => Response.json({}));

    await documents.resolve(ID);
    await documents.resolve(ID);

    expect(asked).toHaveLength(2);
  });

  test("when 200 others came after it", async () => {
    const asked: string[] = [];
    const documents = new ClientDocuments(
      (url) => {
        asked.push(url);
        return Promise.resolve(Response.json({ ...DOCUMENT, client_id: url }));
      },
      () => 0,
    );
    await documents.resolve(ID);
    for (let i = 0; i < 200; i += 1) await documents.resolve(`${ID}?${i}`);

    await documents.resolve(ID);

    expect(asked.filter((url) => url === ID)).toHaveLength(2);
  });
});
