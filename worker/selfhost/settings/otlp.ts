/** Where traces go, from the environment of `npm start`, and what the Worker is given of it. Pure. */
import { OTLP_VARIABLES, readOtlpSettings } from "#shared/trace/otlp-settings.ts";
import { hostOf } from "./host-of.ts";

export interface Otlp {
  /** Names of the variables that are set: they may be secret, so workerd takes them from its own environment. */
  readonly variables: readonly string[];
  /** The collector's host, which the Worker has to reach. */
  readonly hosts: readonly string[];
}

export function otlpVariables(environment: Readonly<Record<string, string | undefined>>): Otlp {
  const set = OTLP_VARIABLES.filter((name) => (environment[name] ?? "") !== "");
  const settings = readOtlpSettings(
    Object.fromEntries(set.map((name) => [name, environment[name] ?? ""])),
  );
  if (!settings.ok) throw new Error(settings.error);
  if (settings.value === undefined) return { variables: [], hosts: [] };
  return { variables: set, hosts: [hostOf(new URL(settings.value.url))] };
}
