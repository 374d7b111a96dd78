/** Signing in at an OpenID provider, if one is configured. Pure. */

export interface OpenIdSettings {
  /** Exactly one issuer: for Entra the tenant's, never `common`. */
  readonly issuer: URL;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Domains whose addresses the provider vouches for, in lower case. */
  readonly domains: readonly string[];
  /** Shown on the button. */
  readonly name: string;
}

export interface OpenIdVariables {
  readonly OIDC_ISSUER?: string;
  readonly OIDC_CLIENT_ID?: string;
  readonly OIDC_CLIENT_SECRET?: string;
  readonly OIDC_DOMAINS?: string;
  readonly OIDC_NAME?: string;
}

/** Undefined unless a provider is configured completely: then there is no button. */
export function openIdSettings(variables: OpenIdVariables): OpenIdSettings | undefined {
  const {
    OIDC_ISSUER = "",
    OIDC_CLIENT_ID: clientId = "",
    OIDC_CLIENT_SECRET: clientSecret = "",
    OIDC_DOMAINS = "",
    OIDC_NAME = "",
  } = variables;
  const issuer = URL.parse(OIDC_ISSUER);
  if (issuer === null || clientId === "" || clientSecret === "") return undefined;
  const domains = OIDC_DOMAINS.toLowerCase()
    .split(",")
    .map((domain) => domain.trim())
    .filter((domain) => domain !== "");
  return { issuer, clientId, clientSecret, domains, name: OIDC_NAME || issuer.hostname };
}

/** Whether the provider may vouch for this address. */
export function isOfDomain(email: string, { domains }: Pick<OpenIdSettings, "domains">): boolean {
  return domains.includes(email.slice(email.lastIndexOf("@") + 1));
}
