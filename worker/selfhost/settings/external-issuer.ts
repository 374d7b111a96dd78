/** The external JWT issuer in the environment of `npm start`, and what the Worker is given of it. Pure. */
import * as z from "zod/mini";
import { safeParse } from "#shared/parse/safe-parse.ts";
import { parseOrUndefined } from "#shared/parse/parse-or-undefined.ts";
import { hostOf } from "./host-of.ts";

const VARIABLE = "EXTERNAL_ISSUER";

const settingSchema = z.object({ jwks_url: z.string() });

export interface External {
  /** Names of the variables that are set. */
  readonly variables: readonly string[];
  /** The host that serves the keys, which the Worker has to reach. */
  readonly hosts: readonly string[];
}

/** The rest of the setting is read by the Worker; the host is needed before it starts. */
export function externalVariables(
  environment: Readonly<Record<string, string | undefined>>,
): External {
  const text = environment[VARIABLE] ?? "";
  if (text === "") return { variables: [], hosts: [] };
  const url = URL.parse(safeParse(settingSchema, parseOrUndefined(text)).data?.jwks_url ?? "");
  if (url === null)
    throw new Error(`${VARIABLE} must be JSON with a jwks_url: see docs/people.md.`);
  return { variables: [VARIABLE], hosts: [hostOf(url)] };
}
