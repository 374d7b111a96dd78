import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";

const project = (name: string, include: string[], timeoutMs = 10_000) => ({
  test: { name, include, testTimeout: timeoutMs, hookTimeout: timeoutMs },
});

export default defineConfig({
  test: {
    projects: [
      project("shared", ["test/shared/**/*.test.ts"]),
      project("relay", ["test/relay/**/*.test.ts"]),
      project("selfhost", ["test/worker/selfhost/**/*.test.ts"]),
      {
        plugins: [cloudflareTest({ wrangler: { configPath: "./wrangler.toml" } })],
        test: {
          name: "worker",
          include: ["test/worker/**/*.test.ts"],
          exclude: ["test/worker/selfhost/**"],
        },
      },
      project("e2e", ["test/e2e/**/*.test.ts"], 60_000),
    ],
  },
});
