/** Many relays lose their worker at once: all are back, and not at once. The relays' own link, over real sockets. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { waitFor } from "../../worker/selfhost/process/wait-for.ts";
import { NpmProcess } from "../support/processes/npm-process.ts";
import { isLong } from "./rounds.ts";
import { StormRelay } from "./storm-relay.ts";

const COUNT = isLong ? 1_000 : 200;
const ENROLLED_AT_ONCE = 20;
const WINDOW_MS = 100;

interface StartLine {
  readonly mcpUrl: string;
  readonly adminToken: string;
  readonly pids: { worker: number };
}

let folder: string;
let server: NpmProcess;
let line: StartLine;
const relays: StormRelay[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "aimdb-storm-"));
  server = new NpmProcess("start", ["--port", "0", "--json", "--state", join(folder, "state")]);
  line = await server.firstLine<StartLine>();
  const url = new URL(line.mcpUrl);
  while (relays.length < COUNT) {
    const names = Array.from({ length: ENROLLED_AT_ONCE }, (_, n) => `storm-${relays.length + n}`);
    const enrolled = names.map((name) => StormRelay.enroll(url, line.adminToken, name));
    relays.push(...(await Promise.all(enrolled)));
  }
}, 300_000);

afterAll(async () => {
  for (const relay of relays) relay.stop();
  await server.end("npm").catch(() => {});
  await rm(folder, { recursive: true, force: true });
});

const live = () => relays.filter(({ isLive }) => isLive).length;
const allLive = () => waitFor(120_000, async () => (live() === COUNT ? true : undefined));

test(`${COUNT} relays that lose their worker are all back, spread over time`, async () => {
  for (const relay of relays) relay.start();
  expect(await allLive()).toBe(true);
  for (const relay of relays) relay.dialsMs.splice(0);

  process.kill(line.pids.worker, "SIGKILL");
  await waitFor(10_000, async () => (live() < COUNT / 10 ? true : undefined));
  expect(await allLive()).toBe(true);

  const windows = new Map<number, number>();
  for (const [firstMs = 0] of relays.map(({ dialsMs }) => dialsMs)) {
    const window = Math.floor(firstMs / WINDOW_MS);
    windows.set(window, (windows.get(window) ?? 0) + 1);
  }
  // Full jitter over the first half second puts a fifth of them into a tenth of one; five standard deviations more
  // are 0.34 of the smaller count.
  expect(Math.max(...windows.values())).toBeLessThan(COUNT * 0.35);
  expect(relays.flatMap(({ dialsMs }) => dialsMs).length).toBeLessThan(COUNT * 8);
});
