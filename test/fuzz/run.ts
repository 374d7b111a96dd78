/** `npm run fuzz -- --minutes N [--seed S]`: every property for its share of the time, from a seed of its own. */
import { spawnSync } from "node:child_process";
import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";
import { projectPath } from "../../worker/selfhost/project.ts";

const { values } = parseArgs({
  options: { minutes: { type: "string", default: "10" }, seed: { type: "string" } },
});
const seed = values.seed ?? String(randomInt(2 ** 31));
process.stdout.write(
  `Seed ${seed}. Again: npm run fuzz -- --minutes ${values.minutes} --seed ${seed}\n`,
);
const vitest = projectPath("node_modules/vitest/vitest.mjs");
const { status } = spawnSync(process.execPath, [vitest, "run", "--project", "fuzz"], {
  cwd: projectPath("."),
  env: { ...process.env, FUZZ_SEED: seed, FUZZ_MINUTES: values.minutes },
  stdio: "inherit",
});
process.exitCode = status ?? 1;
