/** Faults over each other and one after the other, in random order: what holds for each holds for all of them. */
import { describe, expect, inject, test } from "vitest";
import { IS_ROOT, missingOf } from "../support/needed.ts";
import { pause } from "../support/pause.ts";
import { FaultBed } from "./fault-bed.ts";
import { planOf, printPlan, type PlannedFault } from "./fault-plan.ts";
import { MovedClock } from "./moved-clock.ts";
import { injectAll, type FaultTools, type Scene } from "./planned-faults.ts";
import { EACH, isLong, nextSeed } from "./rounds.ts";
import { SmallDisk } from "./small-disk.ts";
import type { Traffic } from "./traffic.ts";

const FIXED_SEED = 157_245;
const PLAN_MS = isLong ? 20_000 : 7_000;
const BEFORE_SLEEP_MS = 6_000;
/** From the first fault until they are asked something; the faults may last longer. */
const ASLEEP_MS = 2_000;
/** The last wait before a dial may be half a minute, and it may have been refused for coming too often. */
const LIVE_WITHIN_MS = 90_000;
/** Few more than the traffic asks at a time: a place that is not given back is missing soon. */
const CALLS_IN_FLIGHT = 6;
const HEARD_FOR_COST = 40;
/** One of a stream by itself, two where each asks; the rest are questions in their own names. */
const MAX_WATCHES_PER_SAMPLE = 1.5;
const NORMAL = new Set(["ok", "applied"]);

const NO_HOST = { binary: "", protocol: "3.0" as const };
const hosts = inject("realHosts").flatMap(({ binary, protocol }) =>
  binary === undefined ? [] : [{ binary, protocol }],
);

describe.skipIf(hosts.length === 0)(
  "nothing is lost, doubled, made up or left behind",
  EACH,
  () => {
    test("whatever goes wrong at the same time", { timeout: 400_000 }, async () => {
      const seed = nextSeed(FIXED_SEED);
      const plan = planOf(seed, PLAN_MS);

      expect(await problemsIn(seed, [plan], (scene) => injectAll(scene, plan))).toEqual([]);
    });

    // Half a minute is longer than the suite has for one more plan.
    test.runIf(isLong)(
      "whatever goes wrong before the objects sleep, while they do and when they wake",
      { timeout: 400_000 },
      async () => {
        const seed = nextSeed(FIXED_SEED);
        const before = planOf(seed, BEFORE_SLEEP_MS);
        const asleep = planOf(-seed, ASLEEP_MS);
        const faults = (scene: Scene) => injectAroundSleep(scene, { before, asleep });

        expect(await problemsIn(seed, [before, asleep], faults)).toEqual([]);
      },
    );
  },
);

async function injectAroundSleep(
  scene: Scene,
  { before, asleep }: Readonly<Record<"before" | "asleep", readonly PlannedFault[]>>,
): Promise<void> {
  const { bed, traffic } = scene;
  await injectAll(scene, before);
  await traffic.flows(1, LIVE_WITHIN_MS);
  let areOver: Promise<unknown> = Promise.resolve();
  await traffic.rests(async () => {
    if (!(await bed.sleeps())) throw new Error("An object does not sleep");
    areOver = injectAll(scene, asleep).then(
      () => undefined,
      (error: unknown) => error,
    );
    await pause(ASLEEP_MS);
  });
  const error = await areOver;
  if (error !== undefined) throw error;
}

/** And tells, where there are some, how to have them again. */
async function problemsIn(
  seed: number,
  plans: readonly (readonly PlannedFault[])[],
  faults: (scene: Scene) => Promise<void>,
): Promise<string[]> {
  const [first = NO_HOST, second] = seed % 2 === 0 ? hosts : hosts.toReversed();
  const tools = await openTools();
  const bed = await FaultBed.open({
    ...first,
    replacement: second,
    callsInFlight: CALLS_IN_FLIGHT,
    stateFolder: tools.disk?.path,
    relayVariables: tools.relayClock?.variables,
    workerVariables: tools.workerClock?.variables,
  });
  try {
    const problems = await problemsOf({ bed, tools }, faults).catch((error: unknown) => [
      String(error),
    ]);
    if (problems.length > 0) process.stderr.write(describeRun(seed, plans, bed));
    return problems;
  } finally {
    await bed.close();
    await closeTools(tools);
  }
}

async function problemsOf(
  { bed, tools }: { bed: FaultBed; tools: FaultTools },
  faults: (scene: Scene) => Promise<void>,
): Promise<string[]> {
  const odd: string[] = [];
  const broken = await bed.through(async (traffic) => {
    await faults({ bed, traffic, tools });
    await traffic.flows(5, LIVE_WITHIN_MS);
    odd.push(...(await oddAnswers(traffic)), ...(await dearStreams(bed, traffic)));
  });
  return [...odd, ...broken, ...(await bed.leftBehind())];
}

/** Once it flows again, each is answered as if nothing had been. */
async function oddAnswers(traffic: Traffic): Promise<string[]> {
  const { writes, reads } = traffic;
  const [writesBefore, readsBefore] = [writes.length, reads.length];
  await traffic.flows(10);
  return [...writes.slice(writesBefore), ...reads.slice(readsBefore)]
    .filter(({ outcome }) => !NORMAL.has(outcome))
    .map((answer) => `after all was well again: ${JSON.stringify(answer)}`);
}

/** Two who follow one record ask the device about as often as one does. */
async function dearStreams(bed: FaultBed, traffic: Traffic): Promise<string[]> {
  const heardMost = () => {
    const { stream = [], another_stream: other = [] } = traffic.heard;
    return Math.max(
      ...[stream, other].map((told) => told.flatMap(({ numbers }) => numbers).length),
    );
  };
  const [watchesBefore, heardBefore] = [await bed.watchesAtDevice(), heardMost()];
  await traffic.flows(HEARD_FOR_COST);
  const watches = (await bed.watchesAtDevice()) - watchesBefore;
  const heard = heardMost() - heardBefore;
  return watches <= heard * MAX_WATCHES_PER_SAMPLE
    ? []
    : [`the device was asked ${watches} times for ${heard} samples that two heard`];
}

function describeRun(
  seed: number,
  plans: readonly (readonly PlannedFault[])[],
  bed: FaultBed,
): string {
  return [
    `Seed ${seed}. Again: FAULT_SEED=${seed} npm run test:faults -- random-faults`,
    ...plans.map((plan) => printPlan(plan)),
    bed.relay.log.slice(-8_000),
    bed.errors.slice(-8_000),
    "",
  ].join("\n");
}

async function openTools(): Promise<FaultTools> {
  const canCompile = missingOf(["cc"]).length === 0;
  return {
    relayClock: canCompile ? await MovedClock.open() : undefined,
    workerClock: canCompile ? await MovedClock.open() : undefined,
    disk: IS_ROOT ? await SmallDisk.mount("4m") : undefined,
  };
}

async function closeTools({ relayClock, workerClock, disk }: FaultTools): Promise<void> {
  await relayClock?.close();
  await workerClock?.close();
  await disk?.unmount();
}
