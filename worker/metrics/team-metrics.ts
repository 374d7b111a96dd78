/** Teams' numbers as metrics, each team under its id. Pure. */
import { cacheMetric } from "#shared/metrics/cache-metric.ts";
import { callMetrics } from "#shared/metrics/call-metrics.ts";
import type { Metric, MetricSample } from "#shared/metrics/exposition.ts";
import { LINK_COUNTS, type LinkCount } from "../relay/link/link-counts.ts";
import type { TeamNumbers } from "../team/metrics/metrics-rpc.ts";

export interface MeasuredTeam {
  readonly team: string;
  readonly numbers: TeamNumbers;
}

export interface Scrape {
  readonly version: string;
  /** How many teams there are for whoever asks. */
  readonly teamCount: number;
  /** Of those, the ones that answered. */
  readonly teams: readonly MeasuredTeam[];
}

const LINK_HELP: Readonly<Record<LinkCount, string>> = {
  sessions_begun: "Links that relays made.",
  sessions_ended: "Links that ended, for whatever reason.",
  bytes_received: "Of frames from relays.",
  bytes_sent: "Of frames to relays.",
  frames_refused: "Frames from relays that were not what the protocol allows.",
  floods: "Links that were closed because their relay sent much more than anybody asked for.",
  stray_replies: "Replies that nobody waited for.",
  stale_answers: "Calls that were answered with last known values, since the relay had no link.",
};

export function teamMetrics({ version, teamCount, teams }: Scrape): Metric[] {
  const perTeam = (numbers: (of: TeamNumbers) => readonly MetricSample[]) =>
    teams.flatMap(({ team, numbers: of }) =>
      numbers(of).map(({ labels, value }) => ({ labels: { team, ...labels }, value })),
    );
  return [
    gauge("worker_info", "The Worker's release.", [{ labels: { version }, value: 1 }]),
    gauge("teams", "Teams of the installation, or one where a team's own token asks.", [
      { value: teamCount },
    ]),
    gauge("teams_unread", "Teams that did not answer this scrape, or were not asked.", [
      { value: teamCount - teams.length },
    ]),
    gauge(
      "relays",
      "Relays, by state. Offline: no link, as far as was heard.",
      perTeam(({ relays }) => byLabel("state", relays)),
    ),
    gauge(
      "instances",
      "AimDB instances, by status. Offline: their relay is.",
      perTeam(({ instances }) => byLabel("status", instances)),
    ),
    ...dayMetrics(perTeam),
    ...callMetrics(
      { prefix: "aimdb_tool_call", label: "tool", what: "Calls of tools by MCP clients" },
      teams.map(({ team, numbers }) => ({ labels: { team }, calls: numbers.counts.tools })),
    ),
    ...callMetrics(
      { prefix: "aimdb_device_call", label: "method", what: "Calls at relays, over the link" },
      teams.map(({ team, numbers }) => ({ labels: { team }, calls: numbers.counts.devices })),
    ),
    cacheMetric(
      "aimdb",
      teams.map(({ team, numbers }) => ({ labels: { team }, caches: numbers.counts.caches })),
    ),
    ...LINK_COUNTS.map((name): Metric => ({
      name: `aimdb_link_${name}_total`,
      help: LINK_HELP[name],
      type: "counter",
      samples: perTeam(({ counts }) => [{ value: counts.link[name] ?? 0 }]),
    })),
  ];
}

function dayMetrics(
  perTeam: (numbers: (of: TeamNumbers) => readonly MetricSample[]) => MetricSample[],
): Metric[] {
  const day = (what: keyof NonNullable<TeamNumbers["today"]>) =>
    perTeam(({ today }) => (today === null ? [] : [{ value: today[what] }]));
  return [
    gauge("team_day_calls", "Calls since 00:00 UTC, where a team's day is bounded.", day("calls")),
    gauge(
      "team_day_bytes",
      "Bytes that clients were answered with since 00:00 UTC, where they are bounded.",
      day("bytes"),
    ),
  ];
}

function gauge(name: string, help: string, samples: readonly MetricSample[]): Metric {
  return { name: `aimdb_${name}`, help, type: "gauge", samples };
}

function byLabel(label: string, counts: Readonly<Record<string, number>>): MetricSample[] {
  return Object.entries(counts).map(([text, value]) => ({ labels: { [label]: text }, value }));
}
