/** A write that a person confirms: a client asks, a person decides on the real page, the host holds it. */
import { afterAll, beforeAll, expect, test } from "vitest";
import type { ConnectedClient } from "../support/clients/mcp.ts";
import { invitePerson } from "../support/browser/people.ts";
import { TestBed, untilStatus } from "../support/processes/test-bed.ts";
import { ADMIN_TOKEN, UNCONFIRMED_WRITES } from "../support/clients/admin-api.ts";
import type { WebBrowser } from "../support/browser/web-browser.ts";

let bed: TestBed;
let client: ConnectedClient;

beforeAll(async () => {
  bed = await TestBed.open();
  await bed.worker.setWritePolicy({ ...UNCONFIRMED_WRITES, rules: [{ record: "*" }] });
  await bed.host("plant");
  await bed.relay("gw", ["plant"], { config: { confirm_writes: true } });
  client = await bed.client();
  await untilStatus(client, "gw/plant", "up");
});

afterAll(() => bed.close());

const TARGET = { instance: "gw/plant", record_name: "app.settings" };

async function ask(value: unknown): Promise<{ call_id: string; confirm_url: string }> {
  const { json } = await client.call("set_record", { ...TARGET, value });
  expect(json).toMatchObject({ status: "awaiting_confirmation", changed: false });
  return json;
}

async function held(): Promise<unknown> {
  return (await client.call("get_record", TARGET)).json.value;
}

async function press(browser: WebBrowser, address: string, decision: string) {
  const { text } = await browser.get(address);
  const field = (name: string) =>
    new RegExp(`name="${name}" value="([^"]*)"`).exec(text)?.[1] ?? "";
  return browser.post(address, { csrf: field("csrf"), shown: field("shown"), decision });
}

test("a person approves, and the instance holds the value", async () => {
  const value = { log_level: "trace", max: 11 };
  const browser = await invitePerson(bed.worker.url, ADMIN_TOKEN);
  const { call_id, confirm_url } = await ask(value);
  const before = await held();

  const page = await browser.get(confirm_url);
  const after = await press(browser, confirm_url, "approve");

  expect(page.text).toContain("&quot;log_level&quot;: &quot;trace&quot;");
  expect(before).not.toEqual(value);
  expect([after.status, after.url.pathname]).toEqual([200, `/confirm/${call_id}`]);
  expect(after.text).toContain("Written");
  expect(await held()).toEqual(value);
  expect((await client.call("get_write_outcome", { call_id })).json).toMatchObject({
    outcome: "applied",
  });
});

test("a person declines, and the instance holds what it held", async () => {
  const browser = await invitePerson(bed.worker.url, ADMIN_TOKEN);
  const before = await held();
  const { call_id, confirm_url } = await ask({ log_level: "off", max: 0 });

  const after = await press(browser, confirm_url, "decline");

  expect(after.text).toContain("Declined");
  expect(await held()).toEqual(before);
  expect((await client.call("get_write_outcome", { call_id })).json).toMatchObject({
    status: "declined",
  });
});

test("a program with every token and no session gets no further than the sign-in page", async () => {
  const before = await held();
  const { confirm_url } = await ask({ log_level: "off", max: 1 });
  const token = await bed.worker.createAccessToken({ scopes: ["aimdb:admin"] });

  const answer = await fetch(confirm_url, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, origin: bed.worker.url.origin },
    body: new URLSearchParams({ decision: "approve", shown: "", csrf: "" }),
    redirect: "manual",
  });

  expect(answer.status).toBe(303);
  expect(answer.headers.get("location")).toMatch(/^\/login\?next=/);
  expect(await held()).toEqual(before);
});
