import { afterEach, describe, expect, test } from "vitest";
import { cleanUp } from "../support/clean-up.ts";
import { send, teamWith, textAt } from "../support/team-people.ts";

afterEach(cleanUp);

describe("a form of the team's page", () => {
  test.each([
    { action: "invite", role: "viewer", email: "" },
    { action: "make_join_token", name_pattern: "" },
    { action: "make_access_token", label: "mine", scope: "aimdb:read" },
  ])("makes one of what $action asks for if its form is sent again", async (asked) => {
    const { stub, browser } = await teamWith("owner");
    const form = (await textAt(browser, "/team")).split(`value="${asked.action}"`)[1] ?? "";
    const [, new_id = ""] = /name="new_id" value="([0-9a-f]{16})"/.exec(form) ?? [];
    const fields = { ...asked, new_id };

    const sent = await Promise.all([
      send(browser, "/team", fields),
      send(browser, "/team", fields),
    ]);
    const again = await send(browser, "/team", fields);

    expect(sent.filter(({ ok }) => ok)).toHaveLength(1);
    expect(await again.text()).toContain("This form was sent before");
    const nowMs = Date.now();
    const [invitations, joinTokens, accessTokens] = await Promise.all([
      stub.invitations(nowMs),
      stub.joinTokens(nowMs),
      stub.accessTokens(null, nowMs),
    ]);
    expect(invitations.length + joinTokens.length + accessTokens.length).toBe(1);
  });

  test("says beside the field that an address is none, and keeps what was entered", async () => {
    const { browser, stub } = await teamWith("owner");

    const fields = { action: "invite", role: "operator", email: "bo at example" };
    const sent = await send(browser, "/team", fields);
    const page = await sent.text();

    expect([sent.status, await stub.invitations(Date.now())]).toEqual([400, []]);
    expect(page).toMatch(
      /value="bo at example"[^>]*aria-invalid="true"[^>]*>[^<]*<small class="wrong"/,
    );
    expect(page).toMatch(/email\.problem.*<option value="operator" selected/);
  });
});
