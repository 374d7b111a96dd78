import { afterEach, describe, expect, test } from "vitest";
import type { JsonValue } from "#shared/json/json.ts";
import { getResult, readResult, sample } from "../../support/link/link-samples.ts";
import { announced, recordRow } from "../support/builders.ts";
import { Browser } from "../support/browser.ts";
import { cleanUp } from "../support/clean-up.ts";
import { enrollDevice } from "../support/device.ts";
import { inObject, newObjectId } from "../support/objects.ts";
import { addToTeam, createPerson, sessionOf, signedIn } from "../support/person.ts";
import { Refused, ScriptedRelay, type Script } from "../support/scripted-relay.ts";
import { createTeam } from "../support/team.ts";
import { ORIGIN } from "../support/worker.ts";

afterEach(cleanUp);

const PAGES = ["/relays/gw-1/plant", "/relays/gw-1/plant/record?key=sensor.temp"];

function json(value: object): JsonValue {
  return JSON.parse(JSON.stringify(value));
}

const ANSWERS: Readonly<Record<string, object>> = {
  "record.list": {
    records: [
      recordRow({ record_key: "sensor.temp" }),
      recordRow({
        record_key: "<b>q</b>",
        observed: "never",
        buffer_type: "mailbox",
        writable: false,
      }),
    ],
    total: 2,
    next_offset: null,
  },
  "record.get_many": {
    entries: [
      {
        record: "sensor.temp",
        ok: getResult(),
        trace: {
          field: "celsius",
          points: [
            [0, 21],
            [60_000, 22],
          ],
        },
      },
    ],
  },
  "samples.history": {
    record_key: "sensor.temp",
    loss: "counted",
    source: "relay",
    samples: [20, 22, 21].map((celsius, at) =>
      sample({ value: { celsius, unit: "<i>" }, at_ms: at, sequence: at }),
    ),
    total: 3,
    is_total_exact: true,
    gaps: [],
    oldest_at_ms: 0,
  },
  "samples.read": readResult({ samples: [sample()] }),
};
const answer: Script = ({ method }) => json(ANSWERS[method] ?? {});

async function viewerOf(...teams: string[]): Promise<Browser> {
  const person = await createPerson();
  for (const team of teams) await addToTeam(person, team, "viewer");
  return signedIn(person);
}

async function plant() {
  const team = await createTeam("plant");
  const device = await enrollDevice(team);
  const relay = await ScriptedRelay.connect(device, [
    announced({ record_count: 7 }),
    announced({ name: "b", state: "down", reason: "<u>refused</u>" }),
  ]);
  relay.script = answer;
  return { team, device, relay, browser: await viewerOf(team.id) };
}

async function textAt(browser: Browser, path: string): Promise<string> {
  const response = await browser.get(path);
  const text = await response.text();
  return `${response.status} ${text.replaceAll(/nonce="\w+"/g, "")}`;
}

describe("the first page", () => {
  test("names the connector without a session, with a link to sign in", async () => {
    const page = await textAt(new Browser(), "/");

    expect(page).toContain(`${ORIGIN}/mcp`);
    expect(page).toContain('<a href="/login">');
  });

  test("shows a person the team's relays and instances, as they are", async () => {
    const { browser } = await plant();

    const page = await textAt(browser, "/");

    expect(page).toMatch(/^200 /);
    expect(page).toContain("1 of 1 relays connected, 2 instances known.");
    expect(page).toContain('<a href="/relays/gw-1/plant">plant</a>');
    expect(page).toMatch(/version 0\.1\.0 · its clock is/);
    expect(page).toContain('<td class="number">7</td>');
    expect(page).toContain("&lt;u&gt;refused&lt;/u&gt;");
    expect(page).not.toContain("<u>");
  });

  test("says since when a relay is gone", async () => {
    const { browser, relay } = await plant();
    await relay.end();

    await expect.poll(() => textAt(browser, "/")).toMatch(/no link since <time datetime="20/);
  });

  test("shows forty relays at a time, counts all, and leads to the others", async () => {
    const team = await createTeam("plant");
    const names = Array.from({ length: 41 }, (_, i) => `gw-${String(i + 1).padStart(2, "0")}`);
    await inObject("TEAM", team.id, ({ storage: { sql } }) => {
      const query =
        "INSERT INTO relay (name, object_id, public_key, created_at) VALUES (?, ?, '', 0)";
      for (const name of names) sql.exec(query, name, newObjectId("RELAY"));
    });
    const browser = await viewerOf(team.id);

    const [first, second, beyond] = await Promise.all(
      ["/", "/?offset=40", "/?offset=80"].map((path) => textAt(browser, path)),
    );

    expect(first).toContain("41 relays. On this page, 1 to 40: 0 of 40 relays connected");
    expect(first).toContain('<a class="button plain" href="/?offset=40">Next</a>');
    expect(second).toContain("41 relays. On this page, 41 to 41: 0 of 1 relays connected");
    expect(second).toContain('<h2 id="relay-gw-41">');
    expect(second).toContain('<a class="button plain" href="/?offset=0">Previous</a>');
    expect(beyond).toBe(first);
  });

  test("says who can make a join token where there is no relay", async () => {
    const team = await createTeam("plant");
    const owner = await createPerson();
    await addToTeam(owner, team.id, "owner");

    expect(await textAt(await signedIn(owner), "/")).toContain("Make a join token</a>, then");
    expect(await textAt(await viewerOf(team.id), "/")).toContain("Ask an owner for a join token,");
  });

  test("lets a person in several teams choose, and tells one in none so", async () => {
    const [one, two] = [await createTeam("one"), await createTeam("two")];
    const both = await viewerOf(one.id, two.id);
    const none = await viewerOf();

    const chooser = await textAt(both, "/");

    expect(chooser).toContain(`href="/?team=${one.id}"`);
    expect(chooser).toContain(`href="/?team=${two.id}"`);
    expect(await textAt(both, `/?team=${two.id}`)).toContain("<h1>two</h1>");
    expect((await both.get("/relays/gw-1/plant")).headers.get("location")).toBe("/");
    expect(await textAt(none, "/")).toContain("You are in no team");
  });

  test("of another's team is that of a team that never existed", async () => {
    const other = await createTeam("other");
    const { browser } = await plant();

    const theirs = await textAt(browser, `/?team=${other.id}`);

    expect(theirs).toMatch(/^404 /);
    expect(theirs).toBe(await textAt(browser, `/?team=${"0".repeat(64)}`));
  });
});

describe("an instance's page", () => {
  test("shows records with value, age and whether they are writable, in two calls", async () => {
    const { browser, relay } = await plant();
    const methods: string[] = [];
    relay.script = (request) => {
      methods.push(request.method);
      return answer(request);
    };

    const page = await textAt(browser, "/relays/gw-1/plant");

    expect(page).toContain('<a href="/relays/gw-1/plant/record?key=sensor.temp">sensor.temp</a>');
    expect(page).toContain("<code>{&quot;celsius&quot;:21.5}</code>");
    expect(page).toContain("&lt;b&gt;q&lt;/b&gt;");
    expect(page).toContain("reading would take messages away");
    expect(page).toContain('role="img" aria-label="celsius: 21 to 22 over 1 min"');
    expect(methods).toEqual(["record.list", "record.get_many"]);
  });

  test("says why the device does not answer", async () => {
    const { browser, relay } = await plant();
    relay.script = () => new Refused("rate_limited", "The device <b>limits</b> calls.");

    const page = await textAt(browser, "/relays/gw-1/plant");

    expect(page).toContain('role="alert"');
    expect(page).toContain("The device &lt;b&gt;limits&lt;/b&gt; calls.");
  });
});

describe("an instance's values that can't be read", () => {
  test("are not reported as absent", async () => {
    const { browser, relay } = await plant();
    relay.script = (request) =>
      request.method === "record.get_many"
        ? new Refused("rate_limited", "The month's budget of this line is used up.")
        : answer(request);

    const page = await textAt(browser, "/relays/gw-1/plant");

    expect(page).toContain("The month&#39;s budget of this line is used up.");
    expect(page).toContain("could not be read now");
    expect(page).not.toContain("nothing yet");
  });
});

describe("a record's page", () => {
  test("shows the value and a line of what it was", async () => {
    const { browser } = await plant();

    const page = await textAt(browser, "/relays/gw-1/plant/record?key=sensor.temp");

    expect(page).toContain("&quot;celsius&quot;: 21");
    expect(page).toMatch(/<svg[^>]* role="img" aria-label="celsius: 20 to 22 over/);
    expect(page).toContain("&lt;i&gt;");
    expect(page).not.toMatch(/<i>|style="/);
  });

  test("shows the last known value of a relay that is gone", async () => {
    const { browser, relay } = await plant();
    relay.script = (request) =>
      request.method === "record.get" ? json(getResult()) : new Refused("unsupported", "No.");
    await textAt(browser, "/relays/gw-1/plant/record?key=sensor.temp");
    await relay.end();

    await expect
      .poll(() => textAt(browser, "/relays/gw-1/plant/record?key=sensor.temp"))
      .toMatch(/no link since .* This is the last known value/);
  });
});

describe("every page of a team", () => {
  test.each(PAGES)("leads to the sign-in page without a session: %s", async (path) => {
    const answered = await new Browser().get(path);

    expect(answered.headers.get("location")).toBe(`/login?next=${encodeURIComponent(path)}`);
  });

  test.each([...PAGES, "/live/gw-1/plant", "/live/gw-1/plant?key=sensor.temp"])(
    "is to another team what a missing one is: %s",
    async (path) => {
      const { team } = await plant();
      const other = await viewerOf((await createTeam("other")).id);
      const [mark, missing] = [path.includes("?") ? "&" : "?", path.replace("gw-1", "gw-9")];

      expect(await textAt(other, `${path}${mark}team=${team.id}`)).toMatch(/^404 /);
      expect(await textAt(other, `${path}${mark}team=${team.id}`)).toBe(
        await textAt(other, `${missing}${mark}team=${"0".repeat(64)}`),
      );
    },
  );

  test.each(PAGES)("is missing if its relay is: %s", async (path) => {
    const { browser } = await plant();

    expect(await textAt(browser, path.replace("gw-1", "gw-9"))).toMatch(/^404 /);
  });

  test.each(PAGES)("has one script, under its own nonce, and loads nothing: %s", async (path) => {
    const { browser } = await plant();

    const page = await browser.get(path);
    const policy = page.headers.get("content-security-policy") ?? "";
    const text = await page.text();

    const [, nonce] = /script-src 'nonce-(\w+)'/.exec(policy) ?? [];
    expect(text.match(/<script[^>]*>/g)).toEqual([`<script nonce="${nonce}">`]);
    expect(policy).toContain("connect-src 'self'");
    expect(text).not.toMatch(/<link|<img|src="http|\son\w+="/);
    expect((await sessionOf(browser))?.memberships).toHaveLength(1);
  });
});
