/** An owner decides what is written, on a phone that runs no script. */
import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hasChromium, launchChromium } from "../support/browser/chromium.ts";
import { postAdmin } from "../support/clients/admin-api.ts";
import { TestBed } from "../support/processes/test-bed.ts";

describe.skipIf(!hasChromium())("the form of the write policy", () => {
  let bed: TestBed;
  let browser: Browser;
  let page: Page;
  /** What the browser itself complains of: the pages' policy among it. */
  const complaints: string[] = [];

  beforeAll(async () => {
    bed = await TestBed.open();
    await bed.worker.setWritePolicy({ rules: [{ record: "*" }] });
    browser = await launchChromium();
    const viewport = { width: 390, height: 800 };
    const context = await browser.newContext({ viewport, javaScriptEnabled: false });
    page = await context.newPage();
    page.on("console", (message) => {
      // It also says that a refused form was refused.
      if (/status of 40[013]/.test(message.text())) return;
      if (["error", "warning"].includes(message.type())) complaints.push(message.text());
    });
    const made = await postAdmin(new URL("/api/v1/invitations", bed.worker.url), { role: "owner" });
    const { url } = (await made.json()) as { url: string };
    await page.goto(url);
    await page.getByLabel("name").fill("Ada");
    await page.getByLabel("E-mail").fill("ada@example.com");
    await page.getByLabel("Password").fill("correct horse battery");
    await page.keyboard.press("Enter");
    await page.waitForURL(at("/"));
  });

  afterAll(async () => {
    await browser?.close();
    await bed?.close();
  });

  const at = (path: string) => new URL(path, bed.worker.url).href;
  const rule = (number: number) => page.getByRole("group", { name: `Rule ${number}`, exact: true });
  const press = (name: string) => page.getByRole("button", { name, exact: true }).click();
  const hasFocus = (field: Locator) =>
    field.evaluate((element) => element === element.ownerDocument.activeElement);
  const words = () => page.getByRole("status").innerText();

  async function widthOf(): Promise<number> {
    return page.locator("html").evaluate(({ scrollWidth }) => scrollWidth);
  }

  test("says in words what holds", async () => {
    await page.goto(at("/policy"));

    expect(await rule(1).innerText()).toContain(
      "may set every record that a device opens on every instance, confirmed by a person",
    );
  });

  test("takes a limit where the typing goes on, and says beside a field what is wrong", async () => {
    await rule(1).getByLabel("Record").fill("heater.*");
    await press("Limit a field of rule 1");
    const field = rule(1).getByRole("textbox", { name: "Field" });
    expect(await hasFocus(field)).toBe(true);
    expect(await words()).toBe("Not saved yet.");

    await page.keyboard.type("celsius");
    await rule(1).getByLabel("At least").fill("five");
    await page.keyboard.press("Enter");

    const wrong = rule(1).getByLabel("At least");
    await page.getByRole("alert").waitFor();
    expect(await wrong.inputValue()).toBe("five");
    expect(await wrong.getAttribute("aria-invalid")).toBe("true");
    expect(await hasFocus(wrong)).toBe(true);
    expect(await page.getByText("Write a number, such as 0.5").count()).toBe(1);
    expect(await rule(1).getByLabel("Record").inputValue()).toBe("heater.*");
    expect(await widthOf()).toBeLessThanOrEqual(390);
  });

  test("saves by the Enter key, and says in words what was saved", async () => {
    await rule(1).getByLabel("At least").fill("5");
    await rule(1).getByLabel("At most").fill("40");
    await rule(1).getByLabel("Confirmed by").selectOption("client");
    await rule(1).getByLabel("At most").press("Enter");
    await page.waitForURL(at("/policy?saved=1"));

    expect(await words()).toBe("Saved.");
    expect(await rule(1).innerText()).toContain(
      "may set heater.* on every instance, with celsius between 5 and 40, confirmed in the client",
    );
  });

  test("adds a rule and removes another", async () => {
    await press("Add a rule");
    expect(await hasFocus(rule(2).getByLabel("Record"))).toBe(true);
    await page.keyboard.type("app.settings");
    await press("Remove rule 1");
    await press("Save");
    await page.waitForURL(at("/policy?saved=1"));

    expect(await page.getByRole("group", { name: /^Rule/ }).count()).toBe(1);
    expect(await rule(1).getByLabel("Record").inputValue()).toBe("app.settings");
  });

  test("is kept by its page when the session ends, and sent after a new sign-in", async () => {
    await rule(1).getByLabel("Record").fill("app.kept");
    await page.context().clearCookies();
    await press("Save");
    await page.getByRole("heading", { name: "You are signed out" }).waitFor();

    const opening = page.context().waitForEvent("page");
    await page.getByRole("link", { name: "Sign in in a new tab" }).click();
    const tab = await opening;
    await tab.getByLabel("E-mail").fill("ada@example.com");
    await tab.getByLabel("Password").fill("correct horse battery");
    await tab.keyboard.press("Enter");
    await tab.waitForURL(at("/"));
    await tab.close();
    await press("Continue");
    await press("Send");
    await page.waitForURL(at("/policy?saved=1"));

    expect(await rule(1).getByLabel("Record").inputValue()).toBe("app.kept");
  });

  test("leaves JSON to those who want it", async () => {
    await page.getByText("As JSON", { exact: true }).click();
    await page.getByLabel("Policy, as JSON").fill('{"rules": []}');
    await press("Save the JSON");
    await page.waitForURL(at("/policy?saved=1"));

    expect(await page.getByText("There is no rule: nothing is written.").count()).toBe(1);
  });

  test("is a page that the browser has nothing against", () => {
    expect(complaints).toEqual([]);
  });
});
