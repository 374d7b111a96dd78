/** The official client by OAuth: from the bare URL through the real pages to a device, and back. */
import { UnauthorizedError } from "@modelcontextprotocol/client";
import { afterAll, beforeAll, expect, test } from "vitest";
import { agree, askByOAuth, connectByOAuth } from "../support/clients/oauth-client.ts";
import { invitePerson } from "../support/browser/people.ts";
import { TestBed } from "../support/processes/test-bed.ts";
import { ADMIN_TOKEN } from "../support/clients/admin-api.ts";
import type { WebBrowser } from "../support/browser/web-browser.ts";

let bed: TestBed;
let browser: WebBrowser;

beforeAll(async () => {
  bed = await TestBed.withPlant();
  browser = await invitePerson(bed.worker.url, ADMIN_TOKEN);
});

afterAll(() => bed.close());

const READ = {
  name: "get_record",
  arguments: { instance: "gw/plant", record_name: "app.readonly" },
};
const SETTINGS = { log_level: "debug", max: 7 };
const WRITE = {
  name: "set_record",
  arguments: { instance: "gw/plant", record_name: "app.settings", value: SETTINGS },
};

test("a client finds its way from the bare URL and reads a record of a device", async () => {
  const { client, provider } = await connectByOAuth(bed.worker.mcpUrl, browser);

  const result = await client.callTool(READ);
  await client.close();

  expect(result.structuredContent).toMatchObject({ value: { up: 7 } });
  expect(provider.asked?.searchParams.get("resource")).toBe(bed.worker.mcpUrl.href);
  expect(provider.asked?.searchParams.get("scope")).toBe("aimdb:read");
  expect(provider.saved).toMatchObject({ scope: "aimdb:read", expires_in: 3600 });
});

test("a client that may only read asks its person before it writes", async () => {
  const connection = await connectByOAuth(bed.worker.mcpUrl, browser);
  const { client, provider } = connection;
  provider.asked = undefined;

  await expect(client.callTool(WRITE)).rejects.toBeInstanceOf(UnauthorizedError);
  expect(new URL(provider.asked ?? "").searchParams.get("scope")).toBe("aimdb:read aimdb:write");
  await agree(connection, browser);
  const result = await client.callTool(WRITE);
  await client.close();

  expect(provider.saved).toMatchObject({ scope: "aimdb:read aimdb:write" });
  expect(result.structuredContent).toMatchObject({ outcome: "applied" });
});

test("a client refreshes by itself and goes on", async () => {
  const { client, provider } = await connectByOAuth(bed.worker.mcpUrl, browser);
  const { saved } = provider;
  if (saved === undefined) throw new Error("The client has no tokens");
  provider.saved = { ...saved, access_token: "ended" };

  const result = await client.callTool(READ);
  await client.close();

  expect(result.structuredContent).toMatchObject({ value: { up: 7 } });
  expect(provider.saved.refresh_token).not.toBe(saved.refresh_token);
});

test("a client whose person denies is told so, and gets no token", async () => {
  const connection = await askByOAuth(bed.worker.mcpUrl);

  await expect(agree(connection, browser, { decision: "deny" })).rejects.toThrow(/access_denied/);
  await connection.client.close();

  expect(connection.provider.saved).toBeUndefined();
});

test("a viewer's client is not given what it asks for", async () => {
  const viewer = await invitePerson(bed.worker.url, ADMIN_TOKEN, { role: "viewer" });
  const connection = await connectByOAuth(bed.worker.mcpUrl, viewer);
  await expect(connection.client.callTool(WRITE)).rejects.toBeInstanceOf(UnauthorizedError);

  await agree(connection, viewer);
  await connection.client.close();

  expect(connection.provider.saved).toMatchObject({ scope: "aimdb:read" });
});

test("a client whose grant is revoked is refused at its next call", async () => {
  const { client, provider } = await connectByOAuth(bed.worker.mcpUrl, browser);
  const [token, id] = [
    provider.saved?.refresh_token ?? "",
    provider.clientInformation()?.client_id,
  ];
  provider.asked = undefined;

  const form = new URLSearchParams({ token, client_id: id ?? "" });
  const revoked = await fetch(new URL("/oauth/token", bed.worker.url), {
    method: "POST",
    body: form,
  });

  expect(revoked.status).toBe(200);
  await expect(client.callTool(READ)).rejects.toBeInstanceOf(UnauthorizedError);
  await client.close();
  expect(provider.asked).toBeDefined();
});
