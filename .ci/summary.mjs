// The last line of .ci/run, and its exit status. Runs on any Node.
import { readFileSync } from "node:fs";
import { relative } from "node:path";

const [path, brokenSteps] = process.argv.slice(2);

function readReport() {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return { numPassedTests: 0, numFailedTests: 0, testResults: [], success: false };
  }
}

function firstLine(message = "") {
  return message.split("\n", 1)[0].slice(0, 300);
}

const report = readReport();
// A file that could not even be loaded holds no failed test.
const brokenFiles = report.testResults.filter(
  ({ status, assertionResults }) => status === "failed" && assertionResults.length === 0,
).length;
const failedTests = report.numFailedTests + brokenFiles;
// The test step itself counts only where nothing else shows why it failed.
const failedSteps = Number(brokenSteps) - (failedTests > 0 ? 1 : 0);
const failed = failedTests + Math.max(0, failedSteps);

// Said again here: a long run's own list of failures lies far above its end.
for (const file of report.testResults.filter(({ status }) => status === "failed")) {
  const name = relative(process.cwd(), file.name);
  if (file.assertionResults.length === 0)
    console.log(`FAILED: ${name}: ${firstLine(file.message)}`);
  for (const test of file.assertionResults.filter(({ status }) => status === "failed")) {
    console.log(`FAILED: ${name}: ${test.fullName}: ${firstLine(test.failureMessages[0])}`);
  }
}
console.log(`${report.numPassedTests} passed, ${failed} failed`);
process.exit(failed === 0 && report.success ? 0 : 1);
