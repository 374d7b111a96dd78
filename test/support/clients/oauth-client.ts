/** The official client with OAuth, its state in memory; a person's browser stands by. */
import {
  Client,
  StreamableHTTPClientTransport,
  UnauthorizedError,
  type OAuthClientProvider,
} from "@modelcontextprotocol/client";
import { allow } from "../browser/people.ts";
import type { WebBrowser } from "../browser/web-browser.ts";

type Information = Parameters<NonNullable<OAuthClientProvider["saveClientInformation"]>>[0];
type Discovery = Parameters<NonNullable<OAuthClientProvider["saveDiscoveryState"]>>[0];
type Tokens = Parameters<OAuthClientProvider["saveTokens"]>[0];

const CALLBACK_PATH = "/callback";

export class MemoryProvider implements OAuthClientProvider {
  readonly redirectUrl = `http://127.0.0.1:33418${CALLBACK_PATH}`;
  readonly clientMetadata = {
    client_name: "End-to-end client",
    redirect_uris: [this.redirectUrl],
    grant_types: ["authorization_code", "refresh_token"],
    response_types: ["code"],
    token_endpoint_auth_method: "none",
  };
  asked: URL | undefined;
  saved: Tokens | undefined;
  #information: Information | undefined;
  #discovery: Discovery | undefined;
  #verifier = "";

  clientInformation(): Information | undefined {
    return this.#information;
  }

  saveClientInformation(information: Information): void {
    this.#information = information;
  }

  tokens(): Tokens | undefined {
    return this.saved;
  }

  saveTokens(tokens: Tokens): void {
    this.saved = tokens;
  }

  invalidateCredentials(scope: "all" | "client" | "tokens" | "verifier" | "discovery"): void {
    if (scope === "all" || scope === "client") this.#information = undefined;
    if (scope === "all" || scope === "tokens") this.saved = undefined;
  }

  redirectToAuthorization(url: URL): void {
    this.asked = url;
  }

  saveCodeVerifier(verifier: string): void {
    this.#verifier = verifier;
  }

  saveDiscoveryState(state: Discovery): void {
    this.#discovery = state;
  }

  discoveryState(): Discovery | undefined {
    return this.#discovery;
  }

  codeVerifier(): string {
    return this.#verifier;
  }
}

export interface OAuthConnection {
  readonly client: Client;
  readonly transport: StreamableHTTPClientTransport;
  readonly provider: MemoryProvider;
}

/** From the bare URL to an initialized client. */
export async function connectByOAuth(
  url: URL,
  browser: WebBrowser,
  provider = new MemoryProvider(),
): Promise<OAuthConnection> {
  const first = await askByOAuth(url, provider);
  await agree(first, browser);
  await first.client.close();
  return reconnectByOAuth(url, provider);
}

/** With what the client kept. */
export async function reconnectByOAuth(
  url: URL,
  provider: MemoryProvider,
): Promise<OAuthConnection> {
  const connection = openClient(url, provider);
  await connection.client.connect(connection.transport);
  return connection;
}

/** To where the client waits for its person. */
export async function askByOAuth(
  url: URL,
  provider = new MemoryProvider(),
): Promise<OAuthConnection> {
  const connection = openClient(url, provider);
  const refused = await connection.client.connect(connection.transport).catch((error) => error);
  if (refused instanceof UnauthorizedError) return connection;
  throw new Error("The client did not ask its person", { cause: refused });
}

/** The person says yes to what the client last asked for. */
export async function agree(
  { transport, provider }: OAuthConnection,
  browser: WebBrowser,
  change: Record<string, string> = {},
): Promise<void> {
  if (provider.asked === undefined) throw new Error("The client asked for nothing");
  browser.stopAt = CALLBACK_PATH;
  const { url } = await allow(browser, provider.asked, change);
  await transport.finishAuth(url.searchParams);
}

function openClient(url: URL, provider: MemoryProvider): OAuthConnection {
  const transport = new StreamableHTTPClientTransport(url, { authProvider: provider });
  const client = new Client(
    { name: "end-to-end-oauth", version: "1.0.0" },
    { versionNegotiation: { mode: "auto" } },
  );
  return { client, transport, provider };
}
