/** Signing in at an OpenID provider, where one is configured. Pure. */

export interface OpenIdSettings {
  /** One issuer, exactly: for Entra that of the tenant, never `common`. */
  readonly issuer: URL;
  readonly clientId: string;
  readonly clientSecret: string;
  /** The provider vouches for addresses of these domains, in lower case; for no others. */
  readonly domains: readonly string[];
  /** On the button. */
  readonly name: string;
}

export interface OpenIdVariables {
  readonly OIDC_ISSUER?: string;
  readonly OIDC_CLIENT_ID?: string;
  readonly OIDC_CLIENT_SECRET?: string;
  readonly OIDC_DOMAINS?: string;
  readonly OIDC_NAME?: string;
}

/** Undefined where no provider is configured, or not completely: then there is no button. */
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
