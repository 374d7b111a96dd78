/** Which part of the activity is shown: the form's fields, its address, and the API's filters. */
import type { JSX } from "hono/jsx/jsx-runtime";
import { teamUrl, type TeamPlace } from "../dashboard/team-url.ts";

const FILTERS = ["principal", "action", "target", "outcome", "call", "since", "until"] as const;

export type Asked = Readonly<Record<string, string>>;

/** The filters that are not empty, as a form sends them. */
export function askedIn(params: URLSearchParams): Asked {
  return Object.fromEntries(
    FILTERS.flatMap((name) => {
      const text = params.get(name)?.trim() ?? "";
      return text === "" ? [] : [[name, text]];
    }),
  );
}

/** As the API takes them: a form's times have no zone, and the page's are UTC. */
export function toQuery(asked: Asked): Asked {
  return Object.fromEntries(
    Object.entries(asked).map(([name, text]) => [name, isTime(name) ? toInstant(text) : text]),
  );
}

function isTime(name: string): boolean {
  return name === "since" || name === "until";
}

/** A text that is not a time is passed on as it is, and the API refuses it. */
function toInstant(text: string): string {
  const time = new Date(`${text}Z`);
  return Number.isNaN(time.getTime()) ? text : time.toISOString();
}

const LABELS: Readonly<Record<(typeof FILTERS)[number], string>> = {
  principal: "Who, by id",
  action: "What",
  target: "Where",
  outcome: "Outcome",
  call: "Call id",
  since: "From (UTC)",
  until: "Before (UTC)",
};
const EXAMPLES: Readonly<Record<(typeof FILTERS)[number], string>> = {
  principal: "",
  action: "tool.set_record",
  target: "gw-1",
  outcome: "refused",
  call: "",
  since: "",
  until: "",
};

/** A form that only reads, so its address may be bookmarked. */
export function Filter({ asked, place }: { asked: Asked; place: TeamPlace }): JSX.Element {
  const isAsked = Object.keys(asked).length > 0;
  return (
    <details class="card" open={isAsked}>
      <summary>Filter</summary>
      <form method="get" action="/activity" class="filter">
        {place.isOnly ? null : <input type="hidden" name="team" value={place.teamId} />}
        {FILTERS.map((name) => (
          <label>
            {LABELS[name]}
            <input
              name={name}
              type={isTime(name) ? "datetime-local" : "text"}
              value={asked[name] ?? ""}
              placeholder={EXAMPLES[name]}
            />
          </label>
        ))}
        <p class="actions">
          <button>Show</button>
          {isAsked ? (
            <a class="button plain" href={teamUrl(place, "/activity")}>
              All
            </a>
          ) : null}
        </p>
      </form>
    </details>
  );
}
