/** From an empty installation to a client that is turned away, by the pages alone, in a real browser. */
import type { Browser, Page } from "playwright-core";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hasChromium, launchChromium } from "../support/browser/chromium.ts";
import {
  askByOAuth,
  reconnectByOAuth,
  type OAuthConnection,
} from "../support/clients/oauth-client.ts";
import { RelayProcess } from "../support/processes/relay-process.ts";
import { TestBed } from "../support/processes/test-bed.ts";
import { postAdmin } from "../support/clients/admin-api.ts";

const READ = {
  name: "get_record",
  arguments: { instance: "hall-3/plant", record_name: "sensor.temp" },
};

describe.skipIf(!hasChromium())("a team, from its first owner on", () => {
  let bed: TestBed;
  let browser: Browser;
  let ada: Page;
  let bob: Page;
  let client: OAuthConnection;

  beforeAll(async () => {
    bed = await TestBed.open();
    await bed.host("plant");
    browser = await launchChromium();
    // Each has cookies of their own.
    ada = await (await browser.newContext()).newPage();
    bob = await (await browser.newContext()).newPage();
  });

  afterAll(async () => {
    await client?.client.close();
    await browser?.close();
    await bed?.close();
  });

  const at = (path: string) => new URL(path, bed.worker.url).href;

  async function joinTeam(page: Page, link: string, name: string): Promise<void> {
    await page.goto(link);
    await page.getByLabel("name").fill(name);
    await page.getByLabel("E-mail").fill(`${name}@example.com`);
    await page.getByLabel("Password").fill("correct horse battery");
    await page.keyboard.press("Enter");
    await page.waitForURL(at("/"));
  }

  /** What a page shows once. */
  function secretOf(page: Page, name: string): Promise<string> {
    return page.getByRole("status").getByLabel(name).innerText();
  }

  test("its first owner comes in by the link of the first start", async () => {
    const made = await postAdmin(new URL(at("/api/v1/owner-link")), {});
    const { url } = (await made.json()) as { url: string };

    await joinTeam(ada, url, "Ada");

    expect(await ada.getByText("no relay", { exact: false }).count()).toBeGreaterThan(0);
  });

  test("the owner invites a second person, who joins", async () => {
    await ada.goto(at("/team"));
    await ada.getByLabel("Role").last().selectOption("viewer");
    await ada.getByRole("button", { name: "Invite", exact: true }).click();
    const link = await secretOf(ada, "The invitation's link");

    await joinTeam(bob, link.trim(), "Bob");

    await ada.goto(at("/team"));
    expect(await ada.getByRole("rowheader", { name: /Bob@example\.com/i }).count()).toBe(1);
  });

  test("a relay enrolls with a join token of the page", async () => {
    await ada.getByLabel("Relay name or pattern").fill("hall-*");
    await ada.getByRole("button", { name: "Make a join token" }).click();
    const joinToken = (await secretOf(ada, "The token")).trim();
    const config = { allowed_sockets: [bed.socket("plant")] };
    const options = { folder: join(bed.folder, "relay"), name: "hall-3", config };

    const relay = await RelayProcess.enroll(options, { url: bed.worker.url, joinToken });
    relay.start();
    bed.onClose(() => relay.stop());

    await expect
      .poll(
        async () => {
          await ada.goto(at("/"));
          return ada.getByRole("link", { name: "plant" }).count();
        },
        { timeout: 20_000 },
      )
      .toBe(1);
  });

  test("the second person's client connects by OAuth", async () => {
    const asking = await askByOAuth(bed.worker.mcpUrl);
    const { asked, redirectUrl } = asking.provider;
    const answered = bob.waitForRequest((request) => request.url().startsWith(redirectUrl));
    await bob.route(`${redirectUrl}*`, (route) => route.fulfill({ body: "Back at the client." }));

    await bob.goto(asked?.href ?? "");
    await bob.getByRole("heading", { name: /End-to-end client.*wants to connect/ }).waitFor();
    await bob.getByRole("button", { name: "Allow" }).click();
    await asking.transport.finishAuth(new URL((await answered).url()).searchParams);
    client = await reconnectByOAuth(bed.worker.mcpUrl, asking.provider);

    const result = await client.client.callTool(READ);
    expect(result.structuredContent).toMatchObject({ instance: "hall-3/plant" });
  });

  test("the second person forgot the password, and comes in again by the operator's link", async () => {
    const email = "bob@example.com";
    const made = await postAdmin(new URL(at("/api/v1/password-links")), { email });
    const { url } = (await made.json()) as { url: string };

    await bob.goto(url);
    await bob.getByLabel("New password").fill("another horse battery");
    await bob.keyboard.press("Enter");
    await bob.waitForURL(at("/account?done=password"));

    expect(await bob.getByRole("status").innerText()).toContain("Your password is changed");
  });

  test("the second person changes it once more, from the page behind the name", async () => {
    await bob.goto(at("/"));
    await bob.getByRole("link", { name: "Bob" }).click();
    await bob.getByLabel("Current password").fill("another horse battery");
    await bob.getByLabel("New password").fill("correct horse battery");
    await bob.keyboard.press("Enter");
    await bob.waitForURL(at("/account?done=password"));

    expect((await client.client.callTool(READ)).isError).not.toBe(true);
  });

  test("the second person watches the record move", async () => {
    await bob.goto(at("/relays/hall-3/plant/record?key=sensor.temp"));
    const value = bob.getByLabel("Value", { exact: true });
    const first = await value.textContent();

    await expect.poll(() => value.textContent(), { timeout: 20_000 }).not.toBe(first);
  });

  test("the owner revokes the relay, and the client's next call is refused", async () => {
    await ada.goto(at("/team"));
    await ada.getByLabel("Revoke hall-3 …").click();
    await ada.getByRole("button", { name: "Revoke hall-3" }).click();
    await ada.waitForURL(at("/team"));

    const result = await client.client.callTool(READ);

    expect(result.structuredContent).toMatchObject({ error: { code: "unknown_instance" } });
  });

  test("the owner sees all of it in the activity, the second person their own part", async () => {
    await expect
      .poll(async () => {
        await ada.goto(at("/activity"));
        return ada.getByRole("rowheader").allTextContents();
      })
      .toEqual(
        expect.arrayContaining([
          "get_record",
          "relay.revoke",
          "join_token.create",
          "invitation.create",
          "password_link.create",
          "password_link.use",
          "password.change",
        ]),
      );
    await bob.goto(at("/activity"));
    expect(new Set(await bob.getByRole("rowheader").allTextContents())).toEqual(
      new Set([
        "member.join",
        "client.consent",
        "get_record",
        "password_link.use",
        "password.change",
      ]),
    );
  });
});
