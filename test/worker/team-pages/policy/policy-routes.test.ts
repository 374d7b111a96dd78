import { afterEach, describe, expect, test } from "vitest";
import type { Role } from "../../../../worker/access/role.ts";
import { writePolicySchema } from "../../../../worker/access/write-policy.ts";
import { versionOf } from "../../../../worker/team/rights/stored-policy.ts";
import { cleanUp } from "../../support/clean-up.ts";
import { send, teamWith, textAt } from "../../support/team-people.ts";

afterEach(cleanUp);

const RATES = { writes_per_minute: "10", writes_per_minute_per_record: "2" };
const FIELDS = {
  ...RATES,
  "rules.0.record": "app.*",
  "rules.0.instance": "",
  "rules.0.confirm": "client",
  "rules.0.max_per_minute": "3",
  "rules.0.limits.0.path": "celsius",
  "rules.0.limits.0.min": "5",
  "rules.0.limits.0.max": "40",
  "rules.0.limits.0.max_change": "",
  "rules.0.limits.0.enum": "",
};
/** Before anything is saved. */
const BEFORE = writePolicySchema.parse({ rules: [{ record: "*" }] });
const SAVE = { seen: versionOf(BEFORE), action: "save" };
const POLICY = writePolicySchema.parse({
  rules: [
    {
      record: "app.*",
      confirm: "client",
      max_per_minute: 3,
      fields: { celsius: { min: 5, max: 40 } },
    },
  ],
});

async function teamWithPolicy(policy = BEFORE, role: Role = "owner") {
  const people = await teamWith(role);
  await people.stub.setWritePolicy(policy);
  return people;
}

/** What a reader sees of it. */
function wordsOf(page: string): string {
  return page
    .slice(page.indexOf("<main"))
    .replaceAll(/<[^>]*>/g, "")
    .replaceAll("&#39;", "'")
    .replaceAll(/\s+/g, " ");
}

describe("the write policy's form", () => {
  test("stores what it says, as the API would, and in the log", async () => {
    const { browser, stub } = await teamWithPolicy();

    const saved = await send(browser, "/policy", { ...FIELDS, ...SAVE });
    const page = await textAt(browser, saved.headers.get("location") ?? "");

    expect([saved.status, await stub.writePolicy()]).toEqual([303, POLICY]);
    expect(page).toContain("Saved.");
    expect(wordsOf(page)).toContain(
      "may set app.* on every instance, with celsius between 5 and 40, each record 3 times a minute at most by all together, confirmed in the client",
    );
    expect(await textAt(browser, "/activity")).toContain("write_policy.replace");
  });

  test("shows what is stored, and saves it as it was", async () => {
    const { browser } = await teamWithPolicy(POLICY);

    const page = await textAt(browser, "/policy");

    for (const [name, value] of Object.entries(FIELDS)) {
      if (name === "rules.0.confirm") continue;
      expect(page).toContain(`name="${name}" value="${value}"`);
    }
    expect(page).toContain('<option value="client" selected="">');
  });

  test.each([
    ["add_rule", 'name="rules.1.record" value=""'],
    ["add_limit.0", 'name="rules.0.limits.1.path" value=""'],
    ["remove_limit.0.0", 'name="rules.0.record" value="app.*"'],
    ["remove_rule.0", "There is no rule"],
    ["check", "with <code>celsius</code> between 5 and 40"],
  ])("only draws itself anew for %s", async (action, shown) => {
    const { browser, stub } = await teamWithPolicy();

    const answer = await send(browser, "/policy", { ...FIELDS, action });
    const page = await answer.text();

    expect([answer.status, await stub.writePolicy()]).toEqual([200, BEFORE]);
    expect(page).toContain("Not saved yet.");
    expect(page).toContain(shown);
    expect(page).not.toContain('aria-invalid="');
  });

  test("keeps what was typed in other rows, also what is not right yet", async () => {
    const { browser } = await teamWithPolicy();
    const typed = { ...FIELDS, "rules.0.limits.0.min": '5 or "so"', action: "add_rule" };

    const page = await (await send(browser, "/policy", typed)).text();

    expect(page).toContain('name="rules.0.limits.0.min" value="5 or &quot;so&quot;"');
  });

  test("says beside the field what is wrong with it, and stores nothing", async () => {
    const { browser, stub } = await teamWithPolicy();
    const typed = {
      ...FIELDS,
      "rules.0.record": " ",
      "rules.0.limits.0.max": "<b>4",
      ...SAVE,
    };

    const refused = await send(browser, "/policy", typed);
    const page = await refused.text();

    expect([refused.status, await stub.writePolicy()]).toEqual([400, BEFORE]);
    expect(page).toContain("Nothing was saved");
    expect(page).toMatch(
      /value="&lt;b&gt;4"[^>]*aria-describedby="rules.0.limits.0.max.problem"\/><small class="wrong" id="rules.0.limits.0.max.problem">Write a number/,
    );
    expect(page).toMatch(/name="rules.0.record" value=" "[^>]*autofocus=""/);
  });

  test("is not shown for a policy that it can't hold, and can't replace one", async () => {
    const { browser, stub } = await teamWithPolicy();
    const policy = writePolicySchema.parse({ rules: [{ record: " a" }] });
    await stub.setWritePolicy(policy);

    const page = await textAt(browser, "/policy");
    const refused = await send(browser, "/policy", { ...FIELDS, ...SAVE });

    expect(wordsOf(page)).toContain("which this form can't show");
    expect(page).toContain('<details class="card" open="">');
    expect(page).not.toContain('value="add_rule"');
    expect([refused.status, await stub.writePolicy()]).toEqual([400, policy]);
    expect(await refused.text()).toContain("changed elsewhere");
  });

  test("replaces no change that its sender has not seen, unless it is sent again", async () => {
    const { browser, stub } = await teamWithPolicy();
    const drawn = await send(browser, "/policy", { ...FIELDS, ...SAVE, action: "add_limit.0" });
    const { seen = "" } =
      /name="seen" value="(?<seen>[^"]*)"/.exec(await drawn.text())?.groups ?? {};
    const stricter = writePolicySchema.parse({ rules: [] });
    await stub.setWritePolicy(stricter);

    const again = await send(browser, "/policy", { ...FIELDS, seen, action: "check" });
    const refused = await send(browser, "/policy", { ...FIELDS, seen, action: "save" });
    const page = await refused.text();

    expect(await again.text()).toContain(`name="seen" value="${seen}"`);
    expect([seen, refused.status, await stub.writePolicy()]).toEqual([SAVE.seen, 400, stricter]);
    expect(page).toContain("changed elsewhere");
    expect(page).toContain('name="rules.0.record" value="app.*"');
    expect(page).toContain(`name="seen" value="${versionOf(stricter)}"`);

    const meant = { ...FIELDS, seen: versionOf(stricter), action: "save" };
    expect((await send(browser, "/policy", meant)).status).toBe(303);
    expect(await stub.writePolicy()).toEqual(POLICY);
  });

  test("stores one of two changes that were sent at once", async () => {
    const { browser } = await teamWithPolicy();
    const sent = ["a.*", "b.*"].map((record) =>
      send(browser, "/policy", { ...FIELDS, ...SAVE, "rules.0.record": record }),
    );

    expect((await Promise.all(sent)).map(({ status }) => status).toSorted((a, b) => a - b)).toEqual(
      [303, 400],
    );
  });

  test.each(["operator", "viewer"] as const)("is words for an %s", async (role) => {
    const { browser, stub } = await teamWithPolicy(BEFORE, role);

    const page = await textAt(browser, "/policy");
    const refused = await send(browser, "/policy", { ...FIELDS, ...SAVE });

    expect(wordsOf(page)).toContain(
      "may set every record that a device opens on every instance, confirmed by a person",
    );
    expect(wordsOf(page)).toContain(
      "at most 10 times a minute at one relay, and twice a minute to one",
    );
    expect(page).not.toContain('value="add_rule"');
    expect(await refused.text()).toContain("This needs the scope aimdb:admin");
    expect(await stub.writePolicy()).toEqual(BEFORE);
  });

  test("is refused from elsewhere, or without the token", async () => {
    const { browser, stub } = await teamWithPolicy();
    const typed = { ...FIELDS, ...SAVE };

    const foreign = await send(browser, "/policy", typed, { origin: "https://evil.example" });
    const bare = await send(browser, "/policy", { ...typed, csrf: "x" });

    expect([foreign.status, bare.status]).toEqual([403, 403]);
    expect(await stub.writePolicy()).toEqual(BEFORE);
  });

  test("offers no more limits than a page has room for", async () => {
    const { browser, stub } = await teamWithPolicy();
    const fields = Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`f${n}`, { min: n }]));
    const rules = Array.from({ length: 4 }, (_, n) => ({ record: `r${n}`, fields }));
    await stub.setWritePolicy(writePolicySchema.parse({ rules }));

    const page = await textAt(browser, "/policy");

    expect(page).toContain('value="add_rule"');
    expect(page).not.toContain('value="add_limit.0"');
  });
});

describe("the write policy as JSON", () => {
  test("is shown, and stored as it is sent", async () => {
    const { browser, stub } = await teamWithPolicy();
    const policy = { ...BEFORE, rules: [{ record: "</textarea><b>" }] };

    const saved = await send(browser, "/policy", {
      policy: JSON.stringify(policy),
      seen: SAVE.seen,
    });
    const page = await textAt(browser, saved.headers.get("location") ?? "");

    expect(await stub.writePolicy()).toEqual(policy);
    expect(page).toContain("Saved.");
    expect(page).toContain("&lt;/textarea&gt;&lt;b&gt;");
    expect(page).not.toContain('<details class="card" open');
  });

  test.each([
    ["{", "The body is not JSON"],
    ['{"rules":[{"record":"*","confrim":"never"}]}', "rules.0.confrim: unknown key"],
    ['{"rules":[{"record":"*","confirm":"maybe"}]}', "must be one of"],
    ['{"rules":[{"record":"*","fields":{"a":{"min":2,"max":1}}}]}', "rules.0.fields.a.min"],
  ])("says what is wrong with %s, and keeps what was entered", async (policy, problem) => {
    const { browser, stub } = await teamWithPolicy();
    const before = await stub.writePolicy();

    const refused = await send(browser, "/policy", { policy, seen: SAVE.seen });
    const page = await refused.text();

    expect(refused.status).toBe(400);
    expect(page).toContain(problem);
    expect(page).toContain(policy.replaceAll('"', "&quot;"));
    expect(page).toContain('<details class="card" open');
    expect(await stub.writePolicy()).toEqual(before);
  });

  test("replaces no change that its sender has not seen", async () => {
    const { browser, stub } = await teamWithPolicy();
    const stricter = writePolicySchema.parse({ rules: [] });
    await stub.setWritePolicy(stricter);

    const typed = { policy: JSON.stringify(POLICY), seen: SAVE.seen };
    const refused = await send(browser, "/policy", typed);
    const page = await refused.text();

    expect([refused.status, await stub.writePolicy()]).toEqual([400, stricter]);
    expect(page).toContain("changed elsewhere");
    expect(page).toContain("celsius");
    expect(page).not.toContain(`value="${SAVE.seen}"`);
  });

  test("can be seen but not changed by an operator", async () => {
    const { browser, stub } = await teamWithPolicy(BEFORE, "operator");
    const before = await stub.writePolicy();

    const refused = await send(browser, "/policy", {
      policy: JSON.stringify({ rules: [] }),
      seen: SAVE.seen,
    });

    expect(await textAt(browser, "/policy")).not.toContain("<textarea");
    expect(await refused.text()).toContain("This needs the scope aimdb:admin");
    expect(await stub.writePolicy()).toEqual(before);
  });
});
