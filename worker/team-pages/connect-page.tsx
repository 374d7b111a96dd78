/** `/connect`: what to paste into which client, with this installation's own addresses. */
import type { JSX } from "hono/jsx/jsx-runtime";
import { presentableText } from "#shared/mcp/answers/presentable.ts";
import { navOf } from "../dashboard/nav.ts";
import type { OpenedPage } from "../dashboard/open-page.ts";
import { teamUrl } from "../dashboard/team-url.ts";
import { originsOf } from "../origins.ts";
import { CsrfField, pageResponse } from "../pages/page.tsx";
import type { Step } from "./try-connector.ts";

interface Snippet {
  readonly client: string;
  readonly how: string;
  readonly text: string;
}

export function connectPage(opened: OpenedPage, tried?: readonly Step[]): Promise<Response> {
  const { main, token } = originsOf(opened.env);
  const url = new URL("/mcp", main).href;
  const tokenUrl = new URL("/mcp", token).href;
  const body = (
    <>
      <h1>Connect a client</h1>
      <p class="lead">Paste the address. The client brings you here to sign in and to agree.</p>
      <section class="card">
        <h2>Connector URL</h2>
        <Code name="Connector URL" text={url} />
        <Trial opened={opened} tried={tried} />
      </section>
      {signingIn(url).map((snippet) => (
        <SnippetCard {...snippet} />
      ))}
      <h2>With an access token</h2>
      <p>
        For programs that have nobody to sign in. Make one on the{" "}
        <a href={teamUrl(opened.place, "/team")}>Team</a> page.
      </p>
      {withToken(tokenUrl).map((snippet) => (
        <SnippetCard {...snippet} />
      ))}
    </>
  );
  return pageResponse({
    title: "Connect",
    body,
    reader: opened.session,
    nav: navOf(opened, "Connect"),
  });
}

/** Only the client itself can tell whether it reaches the address from where it runs. */
function Trial({
  opened,
  tried,
}: {
  opened: OpenedPage;
  tried: readonly Step[] | undefined;
}): JSX.Element {
  return (
    <>
      <form
        method="post"
        action={`${teamUrl(opened.place, "/connect")}#test`}
        class="inline"
        id="test"
      >
        <CsrfField token={opened.session.csrfToken} />
        <button class="plain">Test the connector</button>
        <span class="muted">Asks as a client of yours would, without changing anything.</span>
      </form>
      {tried === undefined ? null : (
        <ul class="plain" role="status" aria-label="The connector's test">
          {tried.map(({ name, end, text, tookMs }) => (
            <li>
              <span class={`state ${TONES[end]}`}>{end}</span> <strong>{name}</strong>{" "}
              <small class="muted">{`${Math.round(tookMs)} ms`}</small>
              <span class="block muted">{presentableText(text, 300)}</span>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

const TONES = { passed: "good", failed: "bad", skipped: "" } as const;

function SnippetCard({ client, how, text }: Snippet): JSX.Element {
  return (
    <section class="card">
      <h2>{client}</h2>
      <p class="muted">{how}</p>
      <Code name={client} text={text} />
    </section>
  );
}

/** One click selects all of it. */
function Code({ name, text }: { name: string; text: string }): JSX.Element {
  return (
    <pre class="copy" tabindex={0} aria-label={`${name}: to copy`}>
      <code>{text}</code>
    </pre>
  );
}

function signingIn(url: string): Snippet[] {
  return [
    {
      client: "Claude",
      how: "Settings, Connectors, Add custom connector, with the URL",
      text: url,
    },
    {
      client: "Claude Code",
      how: "Then /mcp to sign in",
      text: `claude mcp add --transport http aimdb ${url}`,
    },
    { client: "ChatGPT", how: "Settings, Connectors, Create, with the URL", text: url },
    {
      client: "VS Code",
      how: "In .vscode/mcp.json",
      text: json({ servers: { aimdb: { type: "http", url } } }),
    },
    {
      client: "Cursor",
      how: "In ~/.cursor/mcp.json",
      text: json({ mcpServers: { aimdb: { url } } }),
    },
    {
      client: "Codex",
      how: "In a shell",
      text: `codex mcp add aimdb --url ${url}\ncodex mcp login aimdb`,
    },
  ];
}

function withToken(url: string): Snippet[] {
  const header = `--header "Authorization: Bearer $AIMDB_TOKEN"`;
  return [
    {
      client: "Claude Code, with a token",
      how: "AIMDB_TOKEN holds the token",
      text: `claude mcp add --transport http aimdb ${url} ${header}`,
    },
    {
      client: "Codex, with a token",
      how: "AIMDB_TOKEN holds the token",
      text: `codex mcp add aimdb --url ${url} --bearer-token-env-var AIMDB_TOKEN`,
    },
  ];
}

function json(value: object): string {
  return JSON.stringify(value, null, 2);
}
