/** `/` for a person who opens the address in a browser without being signed in. */
import { html } from "hono/html";

const STYLE = `
:root { color-scheme: light dark; --line: color-mix(in srgb, currentColor 20%, transparent); }
body { font: 1rem/1.6 system-ui, sans-serif; max-width: 42rem; margin: 4rem auto; padding: 0 1.25rem; }
h1 { font-size: 1.5rem; line-height: 1.25; margin-bottom: 0; }
h2 { font-size: 1.05rem; margin: 2.25rem 0 .5rem; }
p.lead { margin-top: .35rem; opacity: .75; }
pre { overflow-x: auto; padding: .8rem 1rem; border: 1px solid var(--line); border-radius: .5rem; }
code { font: .9em ui-monospace, monospace; }
footer { margin-top: 3rem; font-size: .85rem; opacity: .65; }
`;

export interface HomePage {
  readonly mcpUrl: string;
  readonly tokenMcpUrl: string;
  readonly version: string;
  /** Allows the one style element under the page's content security policy. */
  readonly nonce: string;
}

export async function renderHome({
  mcpUrl,
  tokenMcpUrl,
  version,
  nonce,
}: HomePage): Promise<string> {
  const page = await html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>AimDB connector</title>
        <style nonce="${nonce}">
          ${STYLE}
        </style>
      </head>
      <body>
        <main>
          <h1>AimDB connector</h1>
          <p class="lead">Live data of your team's AimDB instances, for any MCP client.</p>
          <p><a href="/login">Sign in</a> to see them here.</p>

          <h2>Connector URL</h2>
          <pre><code>${mcpUrl}</code></pre>
          <p>
            Paste it into your client, which finds the sign-in by itself. A program that nobody sits
            in front of sends an access token: <code>Authorization: Bearer aimdb_pat_…</code>.
          </p>

          <h2>Claude Code</h2>
          <pre><code>claude mcp add --transport http aimdb ${tokenMcpUrl} --header "Authorization: Bearer $AIMDB_TOKEN"</code></pre>

          <h2>Cursor, VS Code and others</h2>
          <pre><code>{ "url": "${tokenMcpUrl}", "headers": { "Authorization": "Bearer …" } }</code></pre>

          <h2>A gateway</h2>
          <pre><code>aimdb-relay enroll ${new URL("/", mcpUrl).origin} --join-token-file FILE
aimdb-relay run</code></pre>
        </main>
        <footer>aimdb-remote ${version}</footer>
      </body>
    </html>`;
  return page.toString();
}
