/** Every instance of this machine, kept in step with its sockets. */
import type { AnnouncedInstance, SkippedSocket } from "#shared/link/inventory.ts";
import { MAX_INSTANCES, MAX_TEXT_LENGTH } from "#shared/link/limits.ts";
import { backoffMs, type BackoffPolicy } from "../backoff.ts";
import { watchedFolders } from "../discovery/find-paths.ts";
import { assignNames, MAX_NAMES, type Names } from "../discovery/names.ts";
import { Scanner, type Finding } from "../discovery/scan.ts";
import { watchFolders } from "../discovery/watch.ts";
import { Absences } from "./absences.ts";
import type { BreakerState } from "./host/breaker.ts";
import { Instance, type InstanceOptions } from "./instance.ts";
import type { LastReading } from "./observing/last-readings.ts";

/** Catches what a watch does not show: a host that hung, a folder that was missing. */
const SCAN_INTERVAL_MS = 30_000;

/** For a socket that did not answer, as on a busy machine: each time it stays silent, twice as long. */
const SILENCE_BACKOFF: BackoffPolicy = { firstMs: 1_000, maxMs: SCAN_INTERVAL_MS };

/** A host binds its socket a moment before it answers; many files may change at once. */
const CHANGE_DELAY_MS = 250;

/** A folder that changes all the time is still looked at. */
const MAX_CHANGE_DELAY_MS = 2_000;

export interface InstanceSetOptions extends Omit<InstanceOptions, "name" | "socketPath"> {
  /** Names given earlier, by socket path. */
  readonly names: Names;
  readonly saveNames: (names: Names) => Promise<void>;
}

export class InstanceSet {
  readonly #options: InstanceSetOptions;
  readonly #scanner: Scanner;
  readonly #instances = new Map<string, Instance>();
  readonly #absences = new Absences();
  #names: Names;
  /** Paths of AimDB processes for which there is no place. */
  #notServed: readonly string[] = [];
  #skipped: readonly SkippedSocket[] = [];
  #isScanning = false;
  #cancelScan: () => void = () => {};
  /** On the monotonic clock; undefined if the last scan has seen all changes. */
  #changedSinceMs: number | undefined;
  #unwatch: () => void = () => {};
  #stopped = false;

  constructor(options: InstanceSetOptions) {
    this.#options = options;
    this.#names = options.names;
    const { config, owners, connect, clock } = options;
    this.#scanner = new Scanner({ patterns: config.allowedSockets, owners, connect, clock });
  }

  /**
   * Settles after the first scan, when each instance found is known to be up or down. Others that the device file names
   * and that were served before are there too: callers know them, and their processes may start later or hang.
   */
  async start(): Promise<void> {
    const folders = watchedFolders(this.#options.config.allowedSockets);
    this.#unwatch = watchFolders(folders, () => this.#onChanged());
    await this.#scan();
    await Promise.all(Array.from(this.#instances.values(), ({ settled }) => settled));
    this.#addExpected();
  }

  stop(): void {
    this.#stopped = true;
    this.#unwatch();
    this.#cancelScan();
    for (const instance of this.#instances.values()) instance.stop();
  }

  find(name: string): Instance | undefined {
    return this.#instances.get(name);
  }

  announce(): { instances: AnnouncedInstance[]; skipped: SkippedSocket[] } {
    const instances = Array.from(this.#instances.values(), (instance) => instance.announce());
    return { instances, skipped: [...this.#skipped] };
  }

  /** AimDB processes beyond the number that a relay serves. */
  get notServedCount(): number {
    return this.#notServed.length;
  }

  breakers(): Map<string, BreakerState["name"]> {
    return new Map(Array.from(this.#instances, ([name, { breaker }]) => [name, breaker]));
  }

  lastReadings(): { readonly name: string; readonly readings: readonly LastReading[] }[] {
    return Array.from(this.#instances.values(), (instance) => ({
      name: instance.name,
      readings: instance.lastReadings(),
    }));
  }

  #onChanged(): void {
    const nowMs = this.#options.clock.monotonicMs();
    this.#changedSinceMs ??= nowMs;
    const latestMs = this.#changedSinceMs + MAX_CHANGE_DELAY_MS;
    this.#scanAfter(Math.max(0, Math.min(CHANGE_DELAY_MS, latestMs - nowMs)));
  }

  #scanAfter(delayMs: number): void {
    this.#cancelScan();
    if (this.#stopped) return;
    this.#cancelScan = this.#options.clock.after(delayMs, () => void this.#scan());
  }

  /** One scan at a time; changes meanwhile cause the next. */
  async #scan(): Promise<void> {
    if (this.#isScanning) return;
    this.#isScanning = true;
    this.#changedSinceMs = undefined;
    await this.#scanOnce();
    this.#isScanning = false;
    this.#scanAfter(this.#changedSinceMs === undefined ? this.#untilNextMs() : CHANGE_DELAY_MS);
  }

  #addExpected(): void {
    if (this.#stopped) return;
    const room = MAX_INSTANCES - this.#instances.size;
    const found = new Set(Array.from(this.#instances.values(), ({ socketPath }) => socketPath));
    const isAway = (path: string) => this.#names.has(path) && !found.has(path);
    const expected = this.#options.config.allowedSockets.filter(isAway).slice(0, room);
    for (const path of expected) this.#add(path);
    this.#skipped = this.#skipped.filter(({ socket_path }) => !expected.includes(socket_path));
  }

  #untilNextMs(): number {
    const { fewestSilences } = this.#scanner;
    return fewestSilences === 0
      ? SCAN_INTERVAL_MS
      : backoffMs(SILENCE_BACKOFF, fewestSilences - 1, 1);
  }

  async #scanOnce(): Promise<void> {
    const known = new Set(Array.from(this.#instances.values(), ({ socketPath }) => socketPath));
    const findings = await this.#scanner.scan((path) => known.has(path));
    if (this.#stopped) return;
    const found = findings.flatMap((finding) =>
      finding.type === "aimdb" ? [finding.socketPath] : [],
    );
    this.#noteAbsences(found);
    const dropped = this.#makeRoom(found.length);
    const room = MAX_INSTANCES - this.#instances.size;
    // First those that callers know.
    const isNew = (path: string) => Number(!this.#names.has(path));
    const wanted = found.toSorted((a, b) => isNew(a) - isNew(b));
    const served = wanted.slice(0, room);
    await this.#name(served);
    if (this.#stopped) return;
    for (const path of served) this.#add(path);
    this.#leaveOut(wanted.slice(room));
    const noRoom = this.#notServed.map((path) => skippedSocket(path, NO_ROOM));
    const skipped = [...noRoom, ...findings.flatMap(toSkipped)].slice(0, MAX_INSTANCES);
    const changed = dropped + served.length > 0 || !sameSockets(skipped, this.#skipped);
    this.#skipped = skipped;
    if (changed) this.#options.onChange();
  }

  /** What the device file names is never dropped, since somebody expects it. */
  #noteAbsences(found: readonly string[]): void {
    const expected = new Set([...this.#options.config.allowedSockets, ...found]);
    for (const { socketPath, isGone } of this.#instances.values()) {
      if (!isGone) expected.add(socketPath);
    }
    const gone = [...this.#names.keys()].filter((path) => !expected.has(path));
    this.#absences.note(gone, this.#options.clock.monotonicMs());
  }

  /** How many instances left. */
  #makeRoom(wanted: number): number {
    const names = new Map(
      Array.from(this.#instances, ([name, { socketPath }]) => [socketPath, name]),
    );
    const needed = this.#instances.size + wanted - MAX_INSTANCES;
    const leaving = this.#leaving([...names.keys()], needed);
    for (const path of leaving) this.#drop(path, names.get(path) ?? "");
    return leaving.length;
  }

  #drop(socket: string, name: string): void {
    this.#instances.get(name)?.stop();
    this.#instances.delete(name);
    this.#options.store.forget(`${name}/`);
    this.#options.log.info("instance_dropped", { instance: name, socket });
  }

  #leaveOut(paths: readonly string[]): void {
    const before = new Set(this.#notServed);
    this.#notServed = paths;
    for (const socket of paths.filter((path) => !before.has(path))) {
      this.#options.log.warn("instance_not_served", { socket, reason: NO_ROOM });
    }
  }

  async #name(paths: readonly string[]): Promise<void> {
    const served = new Set(Array.from(this.#instances.values(), ({ socketPath }) => socketPath));
    const away = [...this.#names.keys()].filter((path) => !served.has(path));
    const freshCount = paths.filter((path) => !this.#names.has(path)).length;
    const forgotten = this.#leaving(away, this.#names.size + freshCount - MAX_NAMES);
    if (freshCount + forgotten.length === 0) return;
    const remembered = new Map(this.#names);
    for (const path of forgotten) remembered.delete(path);
    this.#names = assignNames(paths, remembered);
    await this.#options.saveNames(this.#names).catch((error: unknown) => {
      this.#options.log.error("names_not_saved", { reason: String(error) });
    });
  }

  #leaving(paths: readonly string[], needed: number): string[] {
    return this.#absences.leaving(paths, needed, this.#options.clock.monotonicMs());
  }

  #add(socketPath: string): void {
    const name = this.#names.get(socketPath);
    if (name === undefined || this.#instances.has(name)) return;
    const instance = new Instance({ ...this.#options, name, socketPath });
    this.#instances.set(name, instance);
    instance.start();
  }
}

const NO_ROOM = `A relay serves ${MAX_INSTANCES} instances, and all places are taken; narrow allowed_sockets.`;

function toSkipped(finding: Finding): SkippedSocket[] {
  return finding.type === "aimdb" ? [] : [skippedSocket(finding.socketPath, finding.reason)];
}

function skippedSocket(socketPath: string, reason: string): SkippedSocket {
  return { socket_path: socketPath.slice(0, MAX_TEXT_LENGTH), reason };
}

function sameSockets(a: readonly SkippedSocket[], b: readonly SkippedSocket[]): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
