/** A real OpenID provider on loopback: oidc-provider, with people who sign in by their name alone. */
import { createServer, type Server } from "node:http";
import { Provider } from "oidc-provider";

export interface OpenIdPerson {
  readonly email?: string;
  readonly email_verified?: boolean;
  readonly name?: string;
}

export const CLIENT_ID = "aimdb";
export const CLIENT_SECRET = "a-client-secret-of-the-openid-server";

export class OpenIdServer {
  readonly issuer: string;
  readonly people = new Map<string, OpenIdPerson>();
  /** Takes no heed of how the person is to sign in, nor says when they did. */
  isDeaf = false;
  /** Says that people signed in so long before they did. */
  signedInAgoS = 0;
  readonly #server: Server;

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.issuer = `http://127.0.0.1:${port}`;
  }

  static async start(redirectUri: string): Promise<OpenIdServer> {
    const server = createServer();
    await new Promise<void>((resolve) => {
      server.listen(0, "127.0.0.1", resolve);
    });
    const address = server.address();
    const port = typeof address === "object" ? (address?.port ?? 0) : 0;
    const started = new OpenIdServer(server, port);
    started.#serve(redirectUri);
    return started;
  }

  close(): Promise<void> {
    this.#server.closeAllConnections();
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
    });
  }

  #serve(redirectUri: string): void {
    const provider = new Provider(this.issuer, {
      clients: [
        {
          client_id: CLIENT_ID,
          client_secret: CLIENT_SECRET,
          redirect_uris: [redirectUri],
          token_endpoint_auth_method: "client_secret_post",
        },
      ],
      claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
      findAccount: (_context, sub) => ({
        accountId: sub,
        claims: () => Promise.resolve({ sub, ...this.people.get(sub) }),
      }),
    });
    const { authTime } = provider.Session.prototype;
    const agoS = () => this.signedInAgoS;
    provider.Session.prototype.authTime = function () {
      const atS = authTime.call(this);
      return atS === undefined ? undefined : atS - agoS();
    };
    const answer = provider.callback();
    this.#server.on("request", (request, response) => {
      if (this.isDeaf) request.url = request.url?.replaceAll(/&(prompt|max_age)=[^&]*/g, "");
      answer(request, response);
    });
  }
}
