/** Findings as a model sees them: by kind, with what each can mean and what can't be seen. */
import type { JsonObject } from "../../json/json.ts";
import {
  NEARLY_FULL_PERCENT,
  STALE_INTERVALS,
  type Finding,
  type FindingKind,
} from "../findings/attention.ts";
import { fittingPrefix } from "./fit.ts";
import { presentable } from "./presentable.ts";
import { presentableKey } from "../asking/record-name.ts";

interface Meaning {
  readonly means: string;
  /** What the finding can't know. */
  readonly limit?: string;
}

/** The gravest first. */
const MEANINGS: Readonly<Record<FindingKind, Meaning>> = {
  relay_offline: {
    means: "The device's relay has no link: nothing of it is current.",
    limit: "Whether AimDB itself runs is not known.",
  },
  instance_down: { means: "The relay is there and can't reach the AimDB process." },
  never_a_value: {
    means:
      "No value can be read: nothing was ever produced or written, or (produced_count above 0) nothing since the relay began watching.",
    limit: "An AimX 2 or 3 host keeps no value of a ring from before the relay watched it.",
  },
  value_lost: {
    means:
      "It held a value that the relay saw, and holds none now: the AimDB process was started anew since, and nothing has been produced or written yet.",
  },
  no_producer: {
    means:
      "Nothing in the host's graph produces it: its value changes only by a write, or by code that holds a producer itself.",
    limit: 'producers_visible: "graph_only"; a producer that the application holds is not visible.',
  },
  stale: {
    means: `No sample for more than ${STALE_INTERVALS} of its usual intervals: its producer is stuck, stopped, or slower now.`,
    limit: "The interval is the mean of the samples that the relay keeps.",
  },
  input_silent: { means: "What it is derived from is silent: see the findings of its inputs." },
  drops: {
    means: "A reader was too slow for the buffer and lost samples.",
    limit: "Counted since start or reset, over all readers; which one is not visible.",
  },
  queue_nearly_full: {
    means: `The slowest reader has not read ${NEARLY_FULL_PERCENT} % or more of the ring: a larger capacity or a faster reader avoids drops.`,
    limit: "At the moment of the answer; which reader is not visible.",
  },
  mailbox_without_consumer: {
    means: "No tap or link takes messages from it: a message stays until the next replaces it.",
    limit: "A reader that the application holds itself is not visible.",
  },
  not_writable: { means: "It can't be written from here." },
};

const MAX_NAMED = 10;

/** `attention`, by kind; how many findings did not fit. */
export function shownFindings(findings: readonly Finding[], maxBytes: number): JsonObject {
  const groups = Object.entries(MEANINGS).flatMap(([kind, meaning]) => {
    const ofKind = findings.filter((finding) => finding.kind === kind);
    return ofKind.length === 0 ? [] : [toGroup(kind, meaning, ofKind)];
  });
  const shown = fittingPrefix(groups, maxBytes, 0);
  const leftOut = groups.length - shown.length;
  return { attention: shown, ...(leftOut > 0 ? { attention_kinds_left_out: leftOut } : {}) };
}

function toGroup(kind: string, meaning: Meaning, findings: readonly Finding[]): JsonObject {
  const named = findings.slice(0, MAX_NAMED).map(({ record, evidence }) => ({
    ...(record === undefined ? {} : { record_name: presentableKey(record) }),
    evidence: presentable(evidence),
  }));
  const more = findings.length - named.length;
  return { kind, ...meaning, found: named, ...(more > 0 ? { more } : {}) };
}
