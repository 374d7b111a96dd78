/** The OpenID provider in the environment of `npm start`, and what the Worker is given of it. Pure. */
import { hostOf } from "./host-of.ts";

const VARIABLES = [
  "OIDC_ISSUER",
  "OIDC_CLIENT_ID",
  "OIDC_CLIENT_SECRET",
  "OIDC_DOMAINS",
  "OIDC_NAME",
] as const;

export interface OpenId {
  /** Names of the variables that are set. */
  readonly variables: readonly string[];
  /** The issuer's host, which the Worker has to reach. The provider's other hosts must be in `--egress`. */
  readonly hosts: readonly string[];
}

export function openIdVariables(environment: Readonly<Record<string, string | undefined>>): OpenId {
  const variables = VARIABLES.filter((name) => (environment[name] ?? "") !== "");
  const issuer = environment["OIDC_ISSUER"];
  if (issuer === undefined || issuer === "") return { variables, hosts: [] };
  const url = URL.parse(issuer);
  if (url === null) throw new Error("OIDC_ISSUER must be the provider's issuer address.");
  return { variables, hosts: [hostOf(url)] };
}
