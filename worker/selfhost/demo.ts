/** `npm run demo`: simulated hosts, the Worker and a relay that enrolls itself, until it is stopped. */
import { errorText } from "#shared/text/error-text.ts";
import { ensureBuilt } from "./build/build.ts";
import { DemoFolder } from "./demo/demo-folder.ts";
import { Parts } from "./demo/parts.ts";
import { startDemo } from "./demo/run-demo.ts";
import { showDemo, tellAboutWrites, toJsonLine } from "./demo/show-demo.ts";
import { DEMO_USAGE, parseDemoOptions, type DemoOptions } from "./settings/options.ts";
import { print, tell } from "./output.ts";
import { stopRequested } from "./process/stop-signal.ts";

async function demo(options: DemoOptions, stop: Promise<void>): Promise<void> {
  await ensureBuilt();
  const folder = await DemoFolder.open(options.stateFolder);
  const parts = new Parts();
  try {
    const started = await Promise.race([startDemo(options, folder, parts), stop]);
    if (started === undefined) return;
    tellAboutWrites(started);
    if (options.json) print(toJsonLine(started));
    else showDemo(started);
    await stop;
  } finally {
    await parts.stop();
    await folder.close();
  }
}

async function main(args: readonly string[]): Promise<number> {
  const options = parseDemoOptions(args);
  if (!options.ok) {
    tell(`${options.error}\n${DEMO_USAGE}`);
    return 2;
  }
  try {
    await demo(options.value, stopRequested());
    return 0;
  } catch (error) {
    tell(errorText(error));
    return 1;
  }
}

process.exitCode = await main(process.argv.slice(2));
