/** On `/team`: relays whose key a second device seems to use, and what is done about it. */
import type { JSX } from "hono/jsx/jsx-runtime";
import { allows } from "#shared/access/scope.ts";
import { onCloneSchema } from "../access/relay-policy.ts";
import { scopesOfRole } from "../access/role.ts";
import type { OpenedPage } from "../dashboard/open-page.ts";
import { Time } from "../dashboard/shown.tsx";
import type { CloneSighting } from "../team/rpc.ts";
import { Form } from "./end.tsx";
import type { TeamContents } from "./team-contents.ts";

const WHAT_IT_DOES = { alert: "say so", suspend: "suspend the relay, too" } as const;

export function Clones({
  opened,
  contents,
}: {
  opened: OpenedPage;
  contents: Pick<TeamContents, "relays" | "relayPolicy">;
}): JSX.Element {
  const isOwner = allows(scopesOfRole(opened.membership.role), "aimdb:admin");
  const seen = contents.relays.flatMap(({ name, clone }) =>
    clone === null ? [] : [{ name, clone }],
  );
  const selected = contents.relayPolicy?.on_clone ?? "alert";
  return (
    <section class="card">
      <h2>Copied keys</h2>
      {seen.length === 0 ? <p class="muted">No relay was seen twice.</p> : null}
      {seen.map((one) => (
        <Sighting opened={opened} isOwner={isOwner} {...one} />
      ))}
      {isOwner ? (
        <Form opened={opened} action="set_on_clone">
          <label>
            When a relay is seen twice{" "}
            <select name="on_clone">
              {onCloneSchema.options.map((option) => (
                <option value={option} selected={option === selected}>
                  {WHAT_IT_DOES[option]}
                </option>
              ))}
            </select>
          </label>
          <button class="plain small">Set</button>
        </Form>
      ) : (
        <p class="muted">When a relay is seen twice: {WHAT_IT_DOES[selected]}.</p>
      )}
    </section>
  );
}

function Sighting({
  opened,
  isOwner,
  name,
  clone,
}: {
  opened: OpenedPage;
  isOwner: boolean;
  name: string;
  clone: CloneSighting;
}): JSX.Element {
  return (
    <div class="problem" role="alert">
      <p>
        <strong>{name}</strong> was seen twice, first at <At ms={clone.firstAtMs} />, last at{" "}
        <At ms={clone.lastAtMs} />: from {clone.networks.join(" and ")}.
      </p>
      <p>
        Either it was restored from a backup, or a copy of its key is in use. If it is a copy,
        revoke the relay, delete <code>key.json</code> on the device, and enroll it again.
      </p>
      {isOwner ? (
        <Form opened={opened} action="dismiss_clone" target={name}>
          <button class="small" aria-label={`${name} was restored from a backup`}>
            It was restored from a backup
          </button>
        </Form>
      ) : null}
    </div>
  );
}

function At({ ms }: { ms: number }): JSX.Element {
  return <Time iso={new Date(ms).toISOString()} />;
}
