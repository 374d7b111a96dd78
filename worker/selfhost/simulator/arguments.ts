/** The command line of the simulator. */

import { errorText } from "#shared/text/error-text.ts";
import { parseArgs } from "node:util";
import { err, ok } from "#shared/result.ts";
import type { Result } from "#shared/result.ts";
import { AIMX_VERSIONS } from "./host-config.ts";
import type { AimxVersion } from "./host-config.ts";

export type SimulatorArguments = {
  readonly socketPath: string;
  readonly aimx: AimxVersion;
  readonly periodMs: number | undefined;
};

export const USAGE = "usage: main.ts --socket PATH --aimx 1.0|2.0|3.0 [--period-ms N]";

/** A day; a longer period is a mistake. */
const MAX_PERIOD_MS = 86_400_000;

/** The error is a sentence for the person at the terminal. */
export function readArguments(argv: readonly string[]): Result<SimulatorArguments, string> {
  const given = parse(argv);
  if (!given.ok) return given;
  const { socket: socketPath = "", aimx: wanted, "period-ms": period } = given.value;
  if (socketPath === "") return err("--socket needs the path to listen at");
  const aimx = AIMX_VERSIONS.find((version) => version === wanted);
  if (aimx === undefined) {
    const got = wanted === undefined ? "" : `, not "${wanted}"`;
    return err(`--aimx must be one of ${AIMX_VERSIONS.join(", ")}${got}`);
  }
  const periodMs = period === undefined ? undefined : Number(period);
  if (periodMs !== undefined && !isPeriod(periodMs)) {
    return err(`--period-ms must be 0 to ${MAX_PERIOD_MS}, not "${period}"`);
  }
  return ok({ socketPath, aimx, periodMs });
}

type Given = {
  readonly socket?: string | undefined;
  readonly aimx?: string | undefined;
  readonly "period-ms"?: string | undefined;
};

function parse(argv: readonly string[]): Result<Given, string> {
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: {
        socket: { type: "string" },
        aimx: { type: "string" },
        "period-ms": { type: "string" },
      },
    });
    return ok(values);
  } catch (error) {
    return err(errorText(error));
  }
}

function isPeriod(ms: number): boolean {
  return Number.isInteger(ms) && ms >= 0 && ms <= MAX_PERIOD_MS;
}
