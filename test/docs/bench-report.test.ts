import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { projectPath } from "../../worker/selfhost/project.ts";
import { RECORDED } from "../bench/recorded-results.ts";
import { toMarkdown } from "../bench/report.ts";

const report = toMarkdown(RECORDED);

test("a report names the machine and the command", () => {
  const { model, cores, kernel } = RECORDED.machine;

  for (const part of [model, `${cores} cores`, `Linux ${kernel}`, `Node ${RECORDED.node}`]) {
    expect(report).toContain(part);
  }
  expect(report).toContain(`\`\`\`sh\n${RECORDED.command}\n\`\`\``);
});

test("a report has a row for each cell, with the CPU time of a call", () => {
  const rows = report.split("\n").filter((line) => line.includes("| 2026-07-28 |"));

  expect(rows).toHaveLength(RECORDED.cells.filter(({ era }) => era === "2026-07-28").length);
  expect(rows[0]).toMatch(
    /^\| aimdb-remote +\| 2026-07-28 \| 1 +\| .*worker [\d.]+, relay [\d.]+ +\|$/,
  );
});

test("a report says what was not measured, and is silent of what nobody asked for", () => {
  expect(report).toContain("- sdk+chisel: chisel is not installed");
  expect(report).not.toContain("`set_record`");
  expect(report).not.toContain("sdk_chisel");
});

test("a report is as the formatter has it", () => {
  const formatted = spawnSync("npx", ["oxfmt", "--stdin-filepath", "docs/benchmarks.md"], {
    cwd: projectPath("."),
    input: report,
    encoding: "utf8",
  });

  expect(formatted.stdout).toBe(report);
});
