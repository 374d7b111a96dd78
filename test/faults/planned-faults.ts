/** What each planned fault does to a bed, and undoes. */
import { rename } from "node:fs/promises";
import { IDLE_END_MS } from "#shared/desk/subscription-desk.ts";
import { pause } from "../support/pause.ts";
import type { FaultBed } from "./fault-bed.ts";
import { FAULT_KINDS, type FaultType, type PlannedFault } from "./fault-plan.ts";
import type { Weather } from "./fault-proxy.ts";
import type { MovedClock } from "./moved-clock.ts";
import type { SmallDisk } from "./small-disk.ts";
import type { Traffic } from "./traffic.ts";

const HOUR_S = 3_600;
/** Undone it is a leap ahead, in which a subscription may not seem to be unused. */
const WORKER_OFF_S = IDLE_END_MS / 1_000 / 2;

/** What a machine may lack: its faults are left out. */
export interface FaultTools {
  readonly relayClock?: MovedClock | undefined;
  readonly workerClock?: MovedClock | undefined;
  /** With the relay's state. */
  readonly disk?: SmallDisk | undefined;
}

export interface Scene {
  readonly bed: FaultBed;
  readonly traffic: Traffic;
  readonly tools: FaultTools;
}

/** Until each is over; on one lane, a fault waits for the one before. */
export async function injectAll(scene: Scene, plan: readonly PlannedFault[]): Promise<void> {
  const sinceMs = performance.now();
  const lanes = new Map<string, Promise<void>>();
  for (const { type, atMs, lastsMs } of plan) {
    const { lane } = FAULT_KINDS[type];
    const inject = async (before: Promise<void> | undefined) => {
      await before;
      await pause(sinceMs + atMs - performance.now());
      await FAULTS[type](scene, lastsMs);
    };
    lanes.set(lane, inject(lanes.get(lane)));
  }
  await Promise.all(lanes.values());
}

const FAULTS: Readonly<Record<FaultType, (scene: Scene, lastsMs: number) => Promise<void>>> = {
  line_cut: async ({ bed }) => bed.proxy.cut(),
  line_delayed: weather({ type: "delayed", ms: 600 }),
  line_half_open: weather({ type: "half_open" }),
  line_slow: weather({ type: "slow", bytesPerS: 8_000 }),
  line_stalled: weather({ type: "stalled" }),
  worker_killed: ({ bed }) => bed.killWorker(),
  worker_hung: ({ bed }, lastsMs) => bed.hangWorker(lastsMs),
  worker_clock_set_back: ({ tools }, lastsMs) =>
    clockOff(tools.workerClock, -WORKER_OFF_S, lastsMs),
  relay_killed: ({ bed }, lastsMs) => relayAway(bed, "SIGKILL", lastsMs),
  relay_stopped: ({ bed }, lastsMs) => relayAway(bed, "SIGTERM", lastsMs),
  relay_hung: async ({ bed }, lastsMs) => {
    bed.relay.hang();
    await pause(lastsMs);
    bed.relay.goOn();
  },
  relay_clock_set_back: ({ tools }, lastsMs) => clockOff(tools.relayClock, -HOUR_S, lastsMs),
  relay_clock_set_on: ({ tools }, lastsMs) => clockOff(tools.relayClock, HOUR_S, lastsMs),
  relay_disk_full: async ({ tools: { disk } }, lastsMs) => {
    if (disk === undefined) return;
    await disk.fill();
    await pause(lastsMs);
    await disk.relieve();
  },
  relay_told_to_dial: ({ bed }) => bed.relay.dialNow(),
  // Where something else is wrong too it may fail, and says so.
  relay_key_replaced: async ({ bed }) => void (await bed.relay.command(["rotate"]).catch(() => {})),
  relay_suspended: async ({ bed }, lastsMs) => {
    await bed.ask("POST", "relays/gw/suspend", {});
    await pause(lastsMs);
    await bed.ask("POST", "relays/gw/resume", {});
    // By itself it comes back in a minute or two.
    await relayAway(bed, "SIGTERM", 0);
  },
  host_killed: async ({ bed }, lastsMs) => {
    await bed.killHost();
    await pause(lastsMs);
    await bed.startHost();
  },
  host_replaced: async ({ bed }, lastsMs) => {
    await bed.killHost();
    await pause(lastsMs);
    await bed.replaceHost();
  },
  host_socket_moved: async ({ bed }, lastsMs) => {
    await rename(bed.socketPath, `${bed.socketPath}.moved`);
    await pause(lastsMs);
    await rename(`${bed.socketPath}.moved`, bed.socketPath);
  },
  host_hung: async ({ bed }, lastsMs) => {
    bed.host.hang();
    await pause(lastsMs);
    bed.host.goOn();
  },
  writes_confirmed: ({ bed, traffic }, lastsMs) => bed.confirmWrites(traffic, lastsMs),
  caller_revoked: ({ bed, traffic }) => bed.revokeMidWrite(traffic),
};

function weather(other: Weather) {
  return async ({ bed }: Scene, lastsMs: number) => {
    bed.proxy.become(other);
    await pause(lastsMs);
    bed.proxy.become({ type: "fair" });
  };
}

async function relayAway(bed: FaultBed, signal: NodeJS.Signals, lastsMs: number): Promise<void> {
  await bed.relay.stop(signal);
  await pause(lastsMs);
  bed.relay.start();
}

async function clockOff(clock: MovedClock | undefined, byS: number, lastsMs: number) {
  if (clock === undefined) return;
  await clock.set(byS);
  await pause(lastsMs);
  await clock.set(0);
}
