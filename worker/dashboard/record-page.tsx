/** `/relays/<relay>/<instance>/record?key=`: one record, its value now and a moment ago. */
import type { JSX } from "hono/jsx/jsx-runtime";
import type { Failure } from "#shared/failure.ts";
import type { Fleet, TimedSample } from "#shared/fleet/fleet.ts";
import { presentableText } from "#shared/mcp/answers/presentable.ts";
import { err, ok, type Result } from "#shared/result.ts";
import { pageResponse, Problem } from "../pages/page.tsx";
import { liveUrl, LiveRegion, type Drawn } from "./live-region.tsx";
import { navOf } from "./nav.ts";
import { missingPage, type OpenedPage } from "./open-page.ts";
import { Plot, seriesOf } from "./plot.tsx";
import { ageText, shortValue, Time, wholeValue } from "./shown.tsx";
import { instanceUrl, teamUrl } from "./team-url.ts";

const MAX_POINTS = 240;
const MAX_BYTES = 200_000;
const MAX_ROWS = 10;

export interface RecordAsked {
  readonly instance: string;
  readonly record: string;
}

interface RecordShown {
  readonly latest: TimedSample;
  /** Oldest first. */
  readonly samples: readonly TimedSample[];
  readonly staleSince?: string | undefined;
}

export async function recordPage(opened: OpenedPage, asked: RecordAsked): Promise<Response> {
  const { session, place, fleet } = opened;
  const { instance, record } = asked;
  const shown = await readRecord(fleet, asked);
  if (!shown.ok && MISSING.has(shown.error.code)) return missingPage(session);
  const body = (
    <>
      <p class="crumbs">
        <a href={teamUrl(place, "/")}>Overview</a> /{" "}
        <a href={instanceUrl(place, instance)}>{instance}</a>
      </p>
      <h1>{presentableText(record, 100)}</h1>
      <LiveRegion src={liveUrl(place, instance, { key: record })}>
        <Shown shown={shown} />
      </LiveRegion>
    </>
  );
  const nav = navOf(opened, "Overview");
  const title = presentableText(record, 100);
  return pageResponse({ title, body, reader: session, nav, isLive: true });
}

export async function recordFragment({ fleet }: OpenedPage, asked: RecordAsked): Promise<Drawn> {
  return toDrawn(await readRecord(fleet, asked));
}

export function recordProblem(failure: Failure): Drawn {
  return toDrawn(err(failure));
}

function toDrawn(shown: Result<RecordShown, Failure>): Drawn {
  return { fragment: <Shown shown={shown} />, failure: shown.ok ? undefined : shown.error };
}

const MISSING: ReadonlySet<Failure["code"]> = new Set<Failure["code"]>([
  "unknown_instance",
  "unknown_record",
]);

/** One call if there is a history; its newest sample is the record's value. */
async function readRecord(
  fleet: Fleet,
  { instance, record }: RecordAsked,
): Promise<Result<RecordShown, Failure>> {
  const query = { record, maxPoints: MAX_POINTS, maxBytes: MAX_BYTES };
  const history = await fleet.history(instance, query);
  const samples = history.ok ? history.value.samples : [];
  const latest = samples.at(-1);
  if (latest !== undefined) return ok({ latest, samples });
  const reading = await fleet.getRecord(instance, record);
  if (!reading.ok) return reading;
  const { sample, staleSince } = reading.value;
  return ok({ latest: sample, samples: [sample], staleSince });
}

function Shown({ shown }: { shown: Result<RecordShown, Failure> }): JSX.Element {
  if (!shown.ok) return <Problem text={presentableText(shown.error.message)} />;
  const { latest, samples, staleSince } = shown.value;
  return (
    <>
      {staleSince === undefined ? null : (
        <p class="problem">
          The relay has had no link since <Time iso={staleSince} />. This is the last known value.
        </p>
      )}
      <section class="card">
        <h2>
          Value <small class="muted">{`${ageText(latest.ageMs)} old`}</small>
        </h2>
        <pre tabindex={0} aria-label="Value">
          <code>{wholeValue(latest.value)}</code>
        </pre>
        <p class="muted">
          <Time iso={latest.timestamp} />
          {latest.timeSource === "host" ? ", by the host's clock" : ", as observed"}
        </p>
      </section>
      <History samples={samples} />
    </>
  );
}

function History({ samples }: Pick<RecordShown, "samples">): JSX.Element | null {
  if (samples.length < 2) return null;
  return (
    <section class="card">
      <h2>Recent history</h2>
      <div class="plots">
        {seriesOf(samples).map((series) => (
          <Plot series={series} />
        ))}
      </div>
      <details>
        <summary>Newest values as a table</summary>
        <div class="scroll">
          <table>
            <thead>
              <tr>
                <th scope="col">Time</th>
                <th scope="col">Value</th>
              </tr>
            </thead>
            <tbody>
              {samples
                .slice(-MAX_ROWS)
                .reverse()
                .map(({ timestamp, value }) => (
                  <tr>
                    <td>
                      <Time iso={timestamp} />
                    </td>
                    <td class="value">
                      <code>{shortValue(value)}</code>
                    </td>
                  </tr>
                ))}
            </tbody>
          </table>
        </div>
      </details>
    </section>
  );
}
