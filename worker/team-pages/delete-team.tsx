/** The last part of `/team`, for owners: the end of the team. */
import type { JSX } from "hono/jsx/jsx-runtime";
import type { OpenedPage } from "../dashboard/open-page.ts";
import { teamUrl } from "../dashboard/team-url.ts";
import { Form } from "./end.tsx";

export function DeleteTeam({ opened }: { opened: OpenedPage }): JSX.Element {
  const { teamName } = opened.membership;
  const log = teamUrl(opened.place, "/activity/export");
  return (
    <details class="card">
      <summary>Delete this team</summary>
      <p>
        Its relays are cut off and revoked, its tokens and connected clients end, and its people
        leave it; their accounts stay. Everything that is stored of it is deleted within minutes,
        the log too:{" "}
        <a href={log} download="activity.ndjson">
          export it first
        </a>
        . This can't be undone.
      </p>
      <Form opened={opened} action="delete_team">
        <label>
          Its name, {teamName}, to be sure
          <input name="name" maxlength={80} autocomplete="off" required />
        </label>
        <button class="danger">Delete for good</button>
      </Form>
    </details>
  );
}
