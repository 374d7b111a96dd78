/** A person in a real browser: comes in by the link, watches a record move, confirms a write. */
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hasChromium, launchChromium } from "../support/browser/chromium.ts";
import type { ConnectedClient } from "../support/clients/mcp.ts";
import { TestBed, untilStatus } from "../support/processes/test-bed.ts";
import { postAdmin, UNCONFIRMED_WRITES } from "../support/clients/admin-api.ts";

describe.skipIf(!hasChromium())("a person in a browser", () => {
  let bed: TestBed;
  let client: ConnectedClient;
  let browser: Browser;
  let page: Page;
  /** What the browser itself complains of: the pages' policy among it. */
  const complaints: string[] = [];

  beforeAll(async () => {
    bed = await TestBed.open();
    await bed.worker.setWritePolicy({ ...UNCONFIRMED_WRITES, rules: [{ record: "*" }] });
    await bed.host("plant");
    await bed.relay("gw-1", ["plant"], { config: { confirm_writes: true } });
    client = await bed.client();
    await untilStatus(client, "gw-1/plant", "up");
    browser = await launchChromium();
    page = await browser.newPage({ viewport: { width: 390, height: 800 } });
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) complaints.push(message.text());
    });
    page.on("pageerror", (error) => complaints.push(error.message));
  });

  /** The page's, loaded anew until the team's log has them. */
  const rows = async () => {
    await page.reload();
    return page.getByRole("row").allTextContents();
  };
  const LOGGED = { timeout: 10_000 };

  afterAll(async () => {
    await browser?.close();
    await bed?.close();
  });

  test("comes in by an owner's invitation and sees the team's relay", async () => {
    const invited = await postAdmin(new URL("/api/v1/invitations", bed.worker.url), {
      role: "owner",
    });
    const { url } = (await invited.json()) as { url: string };

    await page.goto(url);
    await page.getByLabel("name").fill("Ada");
    await page.getByLabel("E-mail").fill("ada@example.com");
    await page.getByLabel("Password").fill("correct horse battery");
    await page.keyboard.press("Enter");
    await page.waitForURL(new URL("/", bed.worker.url).href);

    await page.getByRole("heading", { name: "gw-1" }).waitFor();
    expect(await page.getByRole("link", { name: "plant" }).count()).toBe(1);
  });

  test("watches a record move without touching anything", async () => {
    await page.getByRole("link", { name: "plant" }).click();
    await page
      .getByRole("img", { name: /^celsius: .* over/ })
      .first()
      .waitFor({ timeout: 20_000 });
    await page.getByRole("link", { name: "sensor.temp" }).click();
    const value = page.getByLabel("Value", { exact: true });
    const first = await value.textContent();

    await expect.poll(() => value.textContent(), { timeout: 20_000 }).not.toBe(first);
    expect(await page.getByRole("img", { name: /^celsius: / }).count()).toBe(1);
  });

  test("draws what has not changed once, so that it is read out once", async () => {
    const gone = 'data: <p role="alert">Gone.</p>\n\n';
    const body = `retry: 600000\n${gone}${gone}data: <p>Back.</p>\n\n`;
    await page.route("**/live/**", (route) =>
      route.fulfill({ contentType: "text/event-stream", body }),
    );
    await page.addInitScript(`
      window.drawn = [];
      new MutationObserver((all) => {
        for (const { target, addedNodes } of all)
          if (target.id === "live") window.drawn.push(addedNodes[0]?.textContent);
      }).observe(document, { childList: true, subtree: true });
    `);
    await page.goto(new URL("/relays/gw-1/plant", bed.worker.url).href);
    await page.getByText("Back.").waitFor();
    await page.unroute("**/live/**");

    const drawn = await page.evaluate<string[]>("window.drawn");
    expect(drawn.slice(-2)).toEqual(["Gone.", "Back."]);
    expect(drawn.filter((text) => text === "Gone.")).toEqual(["Gone."]);
  });

  test("is told of a page that is no longer updated, until it is again", async () => {
    const tab = await browser.newPage({ storageState: await page.context().storageState() });
    await tab.clock.install();
    await tab.route("**/live/**", (route) => route.fulfill({ status: 502 }));
    const refused = tab.waitForResponse("**/live/**");
    await tab.goto(new URL("/relays/gw-1/plant/record?key=sensor.temp", bed.worker.url).href);
    await (await refused).finished();
    const state = tab.getByRole("status");
    const before = await state.textContent();

    await expect
      .poll(async () => {
        await tab.clock.fastForward(10_000);
        return state.textContent();
      })
      .toMatch(/^Not updated since \d/);
    await tab.unroute("**/live/**");
    await expect
      .poll(async () => {
        await tab.clock.fastForward(10_000);
        return state.textContent();
      })
      .toBe("");

    expect(before).toBe("");
    await tab.close();
  });

  test("tests the connector", async () => {
    await page.goto(new URL("/connect", bed.worker.url).href);
    await page.getByRole("button", { name: "Test the connector" }).click();

    const steps = page.getByLabel("The connector's test").getByRole("listitem");
    await steps.first().waitFor();
    expect(await steps.allTextContents()).toEqual([
      expect.stringMatching(/^passed The sign-in is found/),
      expect.stringMatching(/^passed The tools are offered/),
      expect.stringMatching(/^passed An instance answers/),
    ]);
  });

  test("approves a write that a client asked for", async () => {
    const value = { log_level: "trace", max: 11 };
    const target = { instance: "gw-1/plant", record_name: "app.settings" };
    const { json } = await client.call("set_record", { ...target, value });

    await page.goto(json.confirm_url);
    await page.getByRole("button", { name: "Approve and write" }).click();
    await page.getByRole("heading", { name: "Written" }).waitFor();

    expect((await client.call("get_record", target)).json.value).toEqual(value);
  });

  test("sees in the activity what the client did and the person approved", async () => {
    await page.goto(new URL("/activity", bed.worker.url).href);

    await expect
      .poll(rows, LOGGED)
      .toEqual(
        expect.arrayContaining([
          expect.stringMatching(/^record\.set.*appliedby Ada/s),
          expect.stringMatching(/^set_record.*awaiting_confirmation/s),
          expect.stringMatching(/^get_record.*gw-1\/plantapp\.settings.*ok/s),
        ]),
      );
  });

  test("sees all columns of the activity on a small laptop, whatever the names", async () => {
    const record_name = "sensor.".repeat(10);
    await client.call("get_record", { instance: "gw-1/plant", record_name });
    await page.setViewportSize({ width: 1_200, height: 800 });
    await expect.poll(rows, LOGGED).toContainEqual(expect.stringContaining(record_name));

    const card = page.locator(".scroll");
    expect(await card.evaluate((it) => it.scrollWidth - it.clientWidth)).toBe(0);
    await page.setViewportSize({ width: 390, height: 800 });
  });

  test("opens the activity's filter within the page on a laptop", async () => {
    await page.setViewportSize({ width: 1_280, height: 800 });
    await page.getByText("Filter", { exact: true }).click();

    const html = page.locator("html");
    expect(await html.evaluate(({ scrollWidth }) => scrollWidth)).toBeLessThanOrEqual(1_280);
    const before = await page.getByLabel("Before (UTC)").boundingBox();
    const show = await page.getByRole("button", { name: "Show" }).boundingBox();
    expect((before?.x ?? 0) + (before?.width ?? 0)).toBeLessThanOrEqual(show?.x ?? 0);
    await page.setViewportSize({ width: 390, height: 800 });
  });

  test("revokes the relay, and the client's next call is refused", async () => {
    await page.goto(new URL("/team", bed.worker.url).href);
    await page.getByLabel("Revoke gw-1 …").click();
    await page.getByRole("button", { name: "Revoke gw-1" }).click();
    await page.getByText("None.", { exact: true }).waitFor();

    const target = { instance: "gw-1/plant", record_name: "sensor.temp" };
    expect((await client.call("get_record", target)).json).toMatchObject({
      error: { code: "unknown_instance" },
    });
  });

  test.each(["/", "/activity", "/team", "/connect", "/policy", "/login?again=1"])(
    "finds %s within a phone's width",
    async (path) => {
      await page.goto(new URL(path, bed.worker.url).href);

      const width = await page.locator("html").evaluate(({ scrollWidth }) => scrollWidth);
      expect(width).toBeLessThanOrEqual(390);
    },
  );

  test("is shown pages that the browser has nothing against", () => {
    expect(complaints).toEqual([]);
  });
});
