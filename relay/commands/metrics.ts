/** `aimdb-relay metrics`: the relay that runs here, in Prometheus' text form. */
import { toExposition } from "#shared/metrics/exposition.ts";
import { metricsOf } from "../control/relay-metrics.ts";
import type { Environment } from "../environment.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { askStatus } from "./status.ts";

/** Prints nothing where no relay answers: a file of metrics must not hold an old truth. */
export async function metrics(environment: Environment): Promise<ExitCode> {
  const relay = await askStatus(environment);
  if (relay === undefined) return EXIT.failed;
  environment.print(toExposition(metricsOf(relay)));
  return EXIT.ok;
}
