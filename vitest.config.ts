import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";

/** The harness asks for nothing outside this machine. */
const QUIET_WRANGLER = {
  CLOUDFLARE_CF_FETCH_ENABLED: "false",
  WRANGLER_HIDE_BANNER: "true",
  WRANGLER_SEND_ERROR_REPORTS: "false",
  WRANGLER_SEND_METRICS: "false",
};

const project = (name: string, include: string[], timeoutMs = 10_000) => ({
  test: { name, include, testTimeout: timeoutMs, hookTimeout: timeoutMs },
});

export default defineConfig({
  test: {
    projects: [
      project("shared", ["test/shared/**/*.test.ts"]),
      project("relay", ["test/relay/**/*.test.ts"]),
      project("docs", ["test/docs/**/*.test.ts"]),
      project("selfhost", ["test/worker/selfhost/**/*.test.ts"]),
      {
        plugins: [cloudflareTest({ wrangler: { configPath: "./wrangler.toml" } })],
        test: {
          name: "worker",
          include: ["test/worker/**/*.test.ts"],
          exclude: ["test/worker/selfhost/**"],
        },
      },
      {
        test: {
          name: "e2e",
          include: ["test/e2e/**/*.test.ts"],
          globalSetup: ["test/support/hosts/build-real-hosts.ts"],
          env: QUIET_WRANGLER,
          // Each file starts processes of its own; two at a time would only wait for each other.
          maxWorkers: 1,
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: "faults",
          include: ["test/faults/*.test.ts", "test/soak/*.test.ts"],
          globalSetup: ["test/support/hosts/build-real-hosts.ts"],
          env: QUIET_WRANGLER,
          maxWorkers: 1,
          testTimeout: 150_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: "browser",
          include: ["test/browser/*.test.ts"],
          env: QUIET_WRANGLER,
          // A worker, a relay, a host and a browser are enough for two cores.
          maxWorkers: 1,
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: "deploy",
          include: ["test/deploy/*.test.ts"],
          // A machine of its own is made, booted and filled.
          maxWorkers: 1,
          testTimeout: 60_000,
          hookTimeout: 300_000,
        },
      },
      {
        test: {
          name: "clients",
          include: ["test/clients/*.test.ts"],
          globalSetup: ["test/clients/install.ts"],
          env: QUIET_WRANGLER,
          // Each file starts processes of its own; two at a time would only wait for each other.
          maxWorkers: 1,
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: "fuzz",
          include: ["test/fuzz/*.test.ts"],
          env: QUIET_WRANGLER,
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: "conformance",
          include: ["test/conformance/*.test.ts"],
          globalSetup: ["test/conformance/install.ts"],
          env: QUIET_WRANGLER,
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
