/** What the Team page shows once, when it was made, and what to do with it. */
import type { JSX } from "hono/jsx/jsx-runtime";
import * as z from "zod/mini";
import { safeParse } from "#shared/parse/safe-parse.ts";
import { isGlob } from "#shared/text/glob.ts";
import type { OpenedPage } from "../dashboard/open-page.ts";
import { teamUrl } from "../dashboard/team-url.ts";
import { originsOf } from "../origins.ts";

const made = z.object({
  url: z.optional(z.string()),
  token: z.optional(z.string()),
  name_pattern: z.optional(z.string()),
});
export type Made = z.infer<typeof made>;

/** Undefined if the API's answer has nothing that is shown once. */
export function madeIn(answer: unknown): Made | undefined {
  const found = safeParse(made, answer).data;
  return found?.url === undefined && found?.token === undefined ? undefined : found;
}

/** It has the focus at first, for whoever reads or copies it by keyboard. */
export function Secret({ made, opened }: { made: Made; opened: OpenedPage }): JSX.Element {
  const { url, token = "" } = made;
  const name = url === undefined ? "The token" : "The invitation's link";
  return (
    <section class="card secret" role="status">
      <h2>{name}</h2>
      <pre class="copy" tabindex={0} aria-label={name} autofocus>
        <code>{url ?? token}</code>
      </pre>
      <p>Copy it now: it is not shown again.</p>
      <Next made={made} opened={opened} />
    </section>
  );
}

function Next({ made, opened }: { made: Made; opened: OpenedPage }): JSX.Element {
  if (made.url !== undefined) return <p>Send it to the person. It works once, within a week.</p>;
  const { name_pattern: pattern } = made;
  if (pattern === undefined) {
    return (
      <p>
        A program sends it with each request:{" "}
        <a href={teamUrl(opened.place, "/connect")}>how to connect it</a>.
      </p>
    );
  }
  const name = isGlob(pattern) ? "NAME" : pattern;
  const { origin } = originsOf(opened.env).main;
  return (
    <>
      <p>
        It lets one relay enroll, within a day. Save it on the gateway in a file called{" "}
        <code>join-token</code>, and run there:
      </p>
      <pre class="copy" tabindex={0} aria-label="The command">
        <code>{`aimdb-relay enroll ${origin} --join-token-file join-token --name ${name}`}</code>
      </pre>
    </>
  );
}
