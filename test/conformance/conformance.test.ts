/** The official suite against the real Worker in workerd, with the fixtures that it asks for. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestWorker, type TestWorker } from "../support/processes/test-worker.ts";
import { startAuthProxy, type AuthProxy } from "./auth-proxy.ts";
import { writeFixtureConfig } from "./fixture-config.ts";
import { runSuite, type SuiteOutcome, type SuiteRun } from "./run-suite.ts";
import {
  EXCEPTED_2025,
  NOT_OURS_2025,
  NOT_OURS_2026,
  PASSING_2025,
  PASSING_2026,
  UNSCORED_2025,
} from "./scenarios.ts";

interface ExpectedRun extends SuiteRun {
  readonly name: string;
  readonly passing: readonly string[];
  readonly others: readonly string[];
}

const RUNS: readonly ExpectedRun[] = [
  {
    name: "0.1.16, its active suite",
    release: "0.1",
    selection: ["--suite", "active"],
    baseline: "baseline-2025.yml",
    passing: PASSING_2025,
    others: EXCEPTED_2025,
  },
  {
    name: "0.2.0-alpha.12, what 2025-11-25 requires",
    release: "0.2",
    selection: ["--requirements", "2025-11-25"],
    baseline: "baseline-2025.yml",
    passing: [...PASSING_2025, ...UNSCORED_2025],
    others: [...EXCEPTED_2025, ...NOT_OURS_2025],
  },
  {
    name: "0.2.0-alpha.12, what 2026-07-28 requires",
    release: "0.2",
    selection: ["--requirements", "2026-07-28"],
    baseline: "baseline-2026.yml",
    passing: PASSING_2026,
    others: NOT_OURS_2026,
  },
];

let folder: string;
let worker: TestWorker;
let proxy: AuthProxy;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "aimdb-conformance-"));
  worker = await startTestWorker(await writeFixtureConfig(folder));
  proxy = await startAuthProxy(worker.mcpUrl, await worker.createAccessToken());
});

afterAll(async () => {
  await proxy.close();
  await worker.close();
  await rm(folder, { recursive: true, force: true });
});

describe.each(RUNS)("the suite $name", ({ passing, others, ...run }) => {
  let outcome: SuiteOutcome;

  beforeAll(async () => {
    outcome = await runSuite(run, { url: proxy.url, folder });
  });

  test("finds what it expects", () => {
    expect(outcome).toMatchObject({ exitCode: 0 });
  });

  test("tries every scenario", () => {
    expect([...outcome.scenarios.keys()].sort()).toEqual([...passing, ...others].sort());
  });

  test.each(passing)("%s passes", (scenario) => {
    expect(outcome.scenarios.get(scenario)).toEqual([]);
  });
});
