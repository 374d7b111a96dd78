/** `aimdb-relay metrics`: the relay that runs here, in Prometheus' text form. */
import { toExposition } from "#shared/metrics/exposition.ts";
import { metricsOf } from "../control/relay-metrics.ts";
import { relayStatusSchema } from "../control/relay-status.ts";
import type { Environment } from "../environment.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { askStatus } from "./status.ts";
import { safeParse } from "#shared/parse/safe-parse.ts";

/** Prints nothing if no relay answers: a metrics file must not hold outdated or partial metrics. */
export async function metrics(environment: Environment): Promise<ExitCode> {
  const told = await askStatus(environment);
  if (told === undefined) return EXIT.failed;
  const relay = safeParse(relayStatusSchema, told);
  if (!relay.success) {
    environment.printError(
      `The relay that runs, ${told.version}, is of another release. Restart it.\n`,
    );
    return EXIT.failed;
  }
  environment.print(toExposition(metricsOf(relay.data)));
  return EXIT.ok;
}
