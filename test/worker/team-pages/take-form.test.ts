import { afterEach, describe, expect, test } from "vitest";
import { cleanUp } from "../support/clean-up.ts";
import { sessionOf, signedIn } from "../support/person.ts";
import { teamWith } from "../support/team-people.ts";

afterEach(cleanUp);

const INVITE = { action: "invite", role: "viewer", email: 'a"<b>@example.com' };
const KEPT = 'name="email" value="a&quot;&lt;b&gt;@example.com"';

describe("takeForm", () => {
  test("keeps what was sent after the session ended, and sends it on once somebody says so", async () => {
    const { browser, person, stub } = await teamWith("owner");
    const csrf = (await sessionOf(browser))?.csrfToken ?? "";
    browser.setCookie("__Host-session", "");
    browser.setCookie("session", "");

    const out = await browser.post("/team?team=x", { csrf, ...INVITE });
    const page = await out.text();

    expect([out.status, page.includes(KEPT), page.includes(csrf)]).toEqual([401, true, false]);
    expect(page).toContain('action="/team?team=x"');
    expect(out.headers.get("set-cookie")).toBeNull();

    const again = await signedIn(person);
    const asked = await again.post("/team", { csrf, ...INVITE, email: "bo@example.com" });
    const question = await asked.text();
    const now = (await sessionOf(again))?.csrfToken ?? "";

    expect([asked.status, question.includes(`value="${now}"`)]).toEqual([403, true]);
    expect(await stub.invitations(Date.now())).toEqual([]);
  });

  test("keeps nothing that another site sent", async () => {
    const { browser } = await teamWith("owner");
    const origin = "https://elsewhere.example";

    const signedInPost = await browser.post("/team", { csrf: "x", ...INVITE }, { origin });
    const text = await signedInPost.text();

    expect([signedInPost.status, text.includes("example.com")]).toEqual([403, false]);
    browser.setCookie("__Host-session", "");
    browser.setCookie("session", "");
    const out = await browser.post("/team", { csrf: "x", ...INVITE }, { origin });
    expect([out.status, out.headers.get("location")]).toEqual([303, "/login?next=%2Fteam"]);
  });
});
