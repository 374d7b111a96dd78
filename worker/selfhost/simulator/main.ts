/** One simulated AimDB host as a process: prints a line when it is ready, ends on SIGTERM or SIGINT. */

import { errorText } from "#shared/text/error-text.ts";
import { readArguments, USAGE } from "./arguments.ts";
import type { SimulatorArguments } from "./arguments.ts";
import { startSimulator } from "./server.ts";

const BAD_ARGUMENTS = 2;
const FAILED = 1;

const given = readArguments(process.argv.slice(2));
if (given.ok) await serve(given.value);
else stop(BAD_ARGUMENTS, `${given.error}\n${USAGE}`);

async function serve({ socketPath, aimx, periodMs }: SimulatorArguments): Promise<void> {
  try {
    const simulator = await startSimulator({
      socketPath,
      aimx,
      ...(periodMs === undefined ? {} : { periodMs }),
    });
    for (const signal of ["SIGTERM", "SIGINT"] as const) {
      process.once(signal, () => {
        void simulator.close();
      });
    }
    process.stdout.write(`ready ${socketPath}\n`);
  } catch (error) {
    const reason = errorText(error);
    stop(FAILED, `Cannot listen at "${socketPath}": ${reason}`);
  }
}

function stop(exitCode: number, message: string): void {
  process.stderr.write(`${message}\n`);
  process.exitCode = exitCode;
}
