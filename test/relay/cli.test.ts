import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseCommand, USAGE, type Command } from "../../relay/cli.ts";
import { anyCharacter } from "../support/any-character.ts";

function words(line: string): string[] {
  return line.split(" ").filter((word) => word !== "");
}

const ENROLL = {
  name: "enroll",
  url: new URL("https://w.example"),
  joinToken: { from: "environment" },
  relayName: undefined,
  force: false,
  json: false,
  configPath: undefined,
} as const;

describe("parseCommand reads", () => {
  test.each<[string, Command]>([
    ["", { name: "help" }],
    ["--help", { name: "help" }],
    ["enroll --help", { name: "help" }],
    ["--version", { name: "version" }],
    ["run", { name: "run", configPath: undefined }],
    ["run --config /a.toml", { name: "run", configPath: "/a.toml" }],
    ["stdio --config /a.toml", { name: "stdio", configPath: "/a.toml" }],
    ["--config=/a.toml run", { name: "run", configPath: "/a.toml" }],
    ["discover", { name: "discover", json: false, configPath: undefined }],
    ["discover --json --config a", { name: "discover", json: true, configPath: "a" }],
    ["status", { name: "status", json: false, configPath: undefined }],
    ["doctor --json", { name: "doctor", json: true, configPath: undefined }],
    ["config check", { name: "config check", json: false, configPath: undefined }],
    ["rotate --json", { name: "rotate", json: true, configPath: undefined }],
    ["config check --config a", { name: "config check", json: false, configPath: "a" }],
    ["enroll https://w.example", ENROLL],
    [
      "enroll https://w.example --join-token-file /t --name gate-1 --force --config a",
      {
        ...ENROLL,
        joinToken: { from: "file", path: "/t" },
        relayName: "gate-1",
        force: true,
        configPath: "a",
      },
    ],
    ["enroll https://w.example --join-token -", { ...ENROLL, joinToken: { from: "stdin" } }],
    [
      "enroll https://w.example --join-token aimdb_join_x",
      { ...ENROLL, joinToken: { from: "argument", token: "aimdb_join_x" } },
    ],
  ])("%j", (line, command) => {
    expect(parseCommand(words(line))).toEqual({ ok: true, value: command });
  });
});

describe("parseCommand refuses", () => {
  test.each([
    ["start", '"start" is not a command.'],
    ["config", '"config" is not a command.'],
    ["config show", '"show" was not expected behind "config".'],
    ["config check more", '"check" was not expected behind "config".'],
    ["run now", '"now" was not expected behind "run".'],
    ["status now", '"now" was not expected behind "status".'],
    ["discover /tmp", '"/tmp" was not expected behind "discover".'],
    ["enroll", "enroll needs the worker's URL."],
    ["enroll http://w.example", "Plain http is only allowed to this machine. Use https."],
    ["enroll https://w.example/relay", "The worker's URL must not have a path."],
    ["enroll w.example", '"w.example" is not a URL. It looks like https://aimdb.example.com'],
    ["enroll https://w.example more", '"more" was not expected behind the URL.'],
    [
      "enroll https://w.example --name Gateway_1",
      '--name takes up to 40 characters of a-z, 0-9 and "-".',
    ],
    [
      `enroll https://w.example --name ${"a".repeat(41)}`,
      '--name takes up to 40 characters of a-z, 0-9 and "-".',
    ],
    [
      "enroll https://w.example --join-token a --join-token-file b",
      "Give --join-token or --join-token-file, not both.",
    ],
  ])("%j", (line, error) => {
    expect(parseCommand(words(line))).toEqual({ ok: false, error });
  });

  test.each([
    [
      "status --team x",
      "status does not take --team. It takes --json, --config, --help, --version.",
    ],
    [
      "status --team=x",
      "status does not take --team. It takes --json, --config, --help, --version.",
    ],
    ["run --json", "run does not take --json. It takes --config, --help, --version."],
    [
      "discover --force",
      "discover does not take --force. It takes --json, --config, --help, --version.",
    ],
    ["config check -j", "config does not take -j. It takes --json, --config, --help, --version."],
    [
      "enroll https://w.example --list",
      "enroll does not take --list. It takes --join-token-file, --join-token, --name, --force, --json, --config, --help, --version.",
    ],
    [
      "confirm --yes",
      "confirm does not take --yes. It takes --decline, --list, --json, --config, --help, --version.",
    ],
    ["--json", "aimdb-relay does not take --json. It takes --config, --help, --version."],
    ["stdio --help --forse", "stdio does not take --forse. It takes --config, --help, --version."],
    ["start --verbose", '"start" is not a command.'],
  ])("%j, an option of no command or of another", (line, error) => {
    expect(parseCommand(words(line))).toEqual({ ok: false, error });
  });

  test.each(["run --config", "discover --json=yes"])(
    "%j, which Node's own parser refuses",
    (line) => {
      const parsed = parseCommand(words(line));
      expect(parsed).toMatchObject({ ok: false, error: expect.stringMatching(/./) });
    },
  );
});

test("parseCommand never repeats a join token in a refusal", () => {
  for (const line of ["enroll --join-token aimdb_join_secret", "enroll u --join-tokn=secret"]) {
    expect(JSON.stringify(parseCommand(words(line)))).not.toContain("secret");
  }
});

test("the usage names every command", () => {
  for (const command of [
    "enroll URL",
    "run",
    "stdio",
    "discover [--json]",
    "status [--json]",
    "doctor [--json]",
    "confirm [ID] [--decline] [--list] [--json]",
    "config check",
  ]) {
    expect(USAGE).toContain(`aimdb-relay ${command}`);
  }
});

test("parseCommand gives a command or says what is wrong, whatever is typed", () => {
  const word = fc.oneof(
    fc.constantFrom("enroll", "run", "confirm", "config", "check", "--json", "--", "-", "--name"),
    fc.constantFrom("--config", "--config=", "--no-json", "--join-token", "-h", "--list", "abcd"),
    fc.string({ unit: anyCharacter, maxLength: 8 }),
  );
  fc.assert(
    fc.property(fc.array(word, { maxLength: 6 }), (args) => {
      const parsed = parseCommand(args);
      expect(parsed.ok || parsed.error !== "").toBe(true);
    }),
    { numRuns: 500 },
  );
});
