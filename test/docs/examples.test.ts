/** What the documents show is what works. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { AjvJsonSchemaValidator } from "@modelcontextprotocol/server/validators/ajv";
import { describe, expect, test } from "vitest";
import { parseCommand, USAGE } from "../../relay/cli.ts";
import { parseConfig } from "../../relay/config.ts";
import { parseAdminArguments } from "../../worker/selfhost/admin/arguments.ts";
import { projectPath } from "../../worker/selfhost/project.ts";
import {
  DEMO_USAGE,
  parseDemoOptions,
  parseStartOptions,
  START_USAGE,
} from "../../worker/selfhost/settings/options.ts";
import { listTools } from "../shared/mcp/support/call-tool.ts";
import { FakeFleet } from "../shared/mcp/support/fake-fleet.ts";
import { fencesOf } from "../support/markdown.ts";

const DOCUMENTS = [
  "README.md",
  "ARCHITECTURE.md",
  "CONTRIBUTING.md",
  "SECURITY.md",
  "CHANGELOG.md",
  "worker/STORAGE.md",
  "relay/STATE.md",
  "relay/deploy/README.md",
  "worker/deploy/README.md",
  ...readdirSync(projectPath("docs")).map((name) => `docs/${name}`),
];
const read = (path: string) => readFileSync(projectPath(path), "utf8");
const readme = read("README.md");
const gateway = read("docs/gateway.md");
const { tools } = await listTools(new FakeFleet());
const scripts: Record<string, string> = JSON.parse(read("package.json")).scripts;

test("README begins with the demo, then the tests", () => {
  const commands = fencesOf(readme, "sh").map((fence) => fence.trim());

  expect(commands.slice(0, 2)).toEqual(["npm ci && npm run demo", "npm ci && npm test"]);
});

test.each(DOCUMENTS)("%s names no npm script that is not there", (path) => {
  const named = [...read(path).matchAll(/\bnpm run (?:--silent )?([a-z:-]+)/g)].map(
    ([, name]) => name ?? "",
  );

  expect(named.filter((name) => scripts[name] === undefined)).toEqual([]);
});

test.each(DOCUMENTS)("%s links to nothing in the project that is not there", (path) => {
  const targets = [...read(path).matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map(([, to]) => to ?? "");

  for (const target of targets) expect(() => read(join(dirname(path), target))).not.toThrow();
});

test("the documented options of demo and server are taken", () => {
  const demo = ["--port", "1", "--socket", "/tmp/a.sock", "--state", "d", "--json"];
  const start = ["--port", "1", "--host", "127.0.0.1", "--public-url", "https://a.example"];

  expect(parseDemoOptions([...demo, "--confirm-writes", "--rate-limit", "5"]).ok).toBe(true);
  expect(parseStartOptions([...start, "--token-port", "2", "--state", "d", "--json"]).ok).toBe(
    true,
  );
  const optionsOf = (args: string[]) => args.filter((word) => word.startsWith("--"));
  for (const option of optionsOf(demo)) expect(readme).toContain(`\`${option}`);
  for (const option of optionsOf(start)) expect(read("docs/worker.md")).toContain(`\`${option}`);
});

test("every option of demo and server is documented", () => {
  const undocumented = (usage: string, document: string) =>
    (usage.match(/--[a-z][a-z-]*/g) ?? []).filter((option) => !document.includes(`\`${option}`));

  expect(undocumented(DEMO_USAGE, readme)).toEqual([]);
  expect(undocumented(START_USAGE, read("docs/worker.md"))).toEqual([]);
});

test("every command and every setting of a relay is documented", () => {
  const commands = [...USAGE.matchAll(/^ {2}aimdb-relay ([a-z]+(?: check)?)/gm)].map(
    ([, name]) => name ?? "",
  );
  const example = read("relay/deploy/config.toml");
  const settings = [...example.matchAll(/^#([a-z_]+) = /gm)].map(([, name]) => name ?? "");

  expect(commands.filter((name) => !gateway.includes(`| \`${name}\` `))).toEqual([]);
  expect(commands).toContain("config check");
  expect(settings.length).toBeGreaterThan(5);
  expect(settings.filter((name) => !gateway.includes(`\n${name} = `))).toEqual([]);
});

test("the documented admin commands are taken", () => {
  const [script = ""] = fencesOf(read("docs/people.md"), "sh admin");
  const lines = script.trim().split("\n");

  expect(lines.length).toBeGreaterThan(3);
  for (const line of lines) {
    const [, command = ""] = line.split("npm run --silent admin -- ");
    const words = command.split(" ").map((word) => word.replaceAll("'", ""));
    expect(parseAdminArguments(words)).toMatchObject({ ok: true, value: { type: "request" } });
  }
});

test("the documented relay configuration is good", () => {
  const [config = ""] = fencesOf(gateway, "toml");

  expect(parseConfig(config)).toMatchObject({
    ok: true,
    value: { confirmWrites: "always", rateLimitPerMinute: 100, allowedOwners: [1000] },
  });
});

describe("the documented relay commands", () => {
  const lines = [readme, gateway]
    .flatMap((document) => fencesOf(document, "sh gateway"))
    .join("")
    .split("\n")
    .filter((line) => line !== "");

  test.each(lines)("%s", (line) => {
    const [program, ...args] = line.split(" ");

    expect(program).toBe("aimdb-relay");
    expect(parseCommand(args).ok).toBe(true);
  });
});

test("README's client snippets are JSON", () => {
  const snippets = [...readme.matchAll(/`(\{"(?:mcpS|s|context_s)ervers".*?\})`/g)].map(
    ([, json]) => json ?? "",
  );

  expect(snippets.length).toBeGreaterThanOrEqual(3);
  for (const snippet of snippets) expect(() => JSON.parse(snippet)).not.toThrow();
});

describe("README's tools", () => {
  test("are all there are, in their order", () => {
    const rows = [...readme.matchAll(/^\| `([a-z_]+)` +\|/gm)].map(([, name]) => name);

    expect(rows).toEqual(tools.map(({ name }) => name));
  });

  test.each([
    ["get_record", "answers"],
    ["subscribe_record", "answers"],
    ["snapshot", "answers"],
    ["set_record", "writes"],
  ])("have an answer of %s as its schema has it in docs/%s.md", (name, document) => {
    const schema = tools.find((tool) => tool.name === name)?.outputSchema;
    const [example = ""] = fencesOf(read(`docs/${document}.md`), `json ${name}`);

    const checked = new AjvJsonSchemaValidator().getValidator(schema)(JSON.parse(example));

    expect(checked).toMatchObject({ valid: true });
    expect(Object.keys(JSON.parse(example)).length).toBeGreaterThan(5);
  });
});

test("the version is the same everywhere it stands", () => {
  const { version } = JSON.parse(read("package.json"));

  expect(read("relay/version.ts")).toContain(`"${version}"`);
  expect(read("worker/version.ts")).toContain(`"${version}"`);
  expect(read("CHANGELOG.md")).toContain(`## ${version}`);
});
