/** Faults in random order, one over the other, from a seed. Pure. */

export interface PlannedFault {
  readonly type: FaultType;
  /** After the first could happen. */
  readonly atMs: number;
  /** Until it is over; what ends by itself has none. */
  readonly lastsMs: number;
}

/** Least and most. */
type Range = readonly [number, number];

interface FaultKind {
  /** Of those on one lane, one is over before the next begins. */
  readonly lane: string;
  /** But for a few, which outlast it. */
  readonly lastsMs: Range;
  /** Nobody answers meanwhile: it may not outlast a deadline. */
  readonly isShort?: boolean;
}

const AT_ONCE: Range = [0, 0];

export const FAULT_KINDS = {
  line_cut: { lane: "cut", lastsMs: AT_ONCE },
  line_delayed: { lane: "line", lastsMs: [1_000, 5_000] },
  line_half_open: { lane: "line", lastsMs: [300, 5_000] },
  line_slow: { lane: "line", lastsMs: [1_000, 5_000] },
  line_stalled: { lane: "line", lastsMs: [300, 4_000] },
  worker_killed: { lane: "worker", lastsMs: AT_ONCE },
  worker_hung: { lane: "worker", lastsMs: [300, 6_000], isShort: true },
  worker_clock_set_back: { lane: "worker", lastsMs: [2_500, 6_000] },
  relay_killed: { lane: "relay", lastsMs: [0, 2_500] },
  relay_stopped: { lane: "relay", lastsMs: [0, 2_500] },
  relay_hung: { lane: "relay_hung", lastsMs: [300, 4_000] },
  relay_clock_set_back: { lane: "relay_clock", lastsMs: [500, 6_000] },
  relay_clock_set_on: { lane: "relay_clock", lastsMs: [500, 6_000] },
  relay_disk_full: { lane: "disk", lastsMs: [500, 4_000] },
  relay_told_to_dial: { lane: "relay", lastsMs: AT_ONCE },
  relay_key_replaced: { lane: "key", lastsMs: AT_ONCE },
  relay_suspended: { lane: "relay", lastsMs: [0, 3_000] },
  host_killed: { lane: "host", lastsMs: [0, 3_000] },
  host_replaced: { lane: "host", lastsMs: [0, 3_000] },
  host_socket_moved: { lane: "host", lastsMs: [300, 5_000] },
  host_hung: { lane: "host_hung", lastsMs: [300, 7_000] },
  writes_confirmed: { lane: "policy", lastsMs: [1_000, 6_000] },
  caller_revoked: { lane: "caller", lastsMs: AT_ONCE },
} as const satisfies Record<string, FaultKind>;

export type FaultType = keyof typeof FAULT_KINDS;

export const FAULT_TYPES = Object.keys(FAULT_KINDS) as FaultType[];

/** About one in a plan outlasts every deadline that there is. */
const OUTLASTING_SHARE = 0.06;
export const OUTLASTING_MS: Range = [26_000, 34_000];

/** Faults are more often over each other than not, and some come as one. */
const GAP_MS: Range = [0, 2_500];
const AS_ONE_SHARE = 0.2;
const AS_ONE_MS: Range = [0, 100];

/** The last begins within `lengthMs`. */
export function planOf(seed: number, lengthMs: number): PlannedFault[] {
  const random = randomFrom(seed);
  const between = ([least, most]: Range) => Math.floor(least + random() * (most - least + 1));
  const gapMs = () => between(random() < AS_ONE_SHARE ? AS_ONE_MS : GAP_MS);
  const plan: PlannedFault[] = [];
  const freeAtMs = new Map<string, number>();
  for (let atMs = 0; atMs <= lengthMs; atMs += gapMs()) {
    const free = FAULT_TYPES.filter((type) => (freeAtMs.get(FAULT_KINDS[type].lane) ?? 0) <= atMs);
    const type = free[between([0, free.length - 1])];
    if (type === undefined) continue;
    const { lane, lastsMs: usual, isShort = usual === AT_ONCE }: FaultKind = FAULT_KINDS[type];
    const isOutlasting = random() < OUTLASTING_SHARE && !isShort;
    const lastsMs = between(isOutlasting ? OUTLASTING_MS : usual);
    plan.push({ type, atMs, lastsMs });
    freeAtMs.set(lane, atMs + lastsMs + 1);
  }
  return plan;
}

/** One a line. */
export function printPlan(plan: readonly PlannedFault[]): string {
  return plan
    .map(({ type, atMs, lastsMs }) => `${String(atMs).padStart(6)} ms  ${type}, ${lastsMs} ms`)
    .join("\n");
}

/** Mulberry32: the same numbers in [0, 1) on every machine. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d_2b_79_f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
}
