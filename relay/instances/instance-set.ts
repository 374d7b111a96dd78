/** Every instance of this machine, kept in step with its sockets. */
import type { AnnouncedInstance, SkippedSocket } from "#shared/link/inventory.ts";
import { MAX_INSTANCES, MAX_TEXT_LENGTH } from "#shared/link/limits.ts";
import { exists, watchedFolders } from "../discovery/find-paths.ts";
import { assignNames, type Names } from "../discovery/names.ts";
import { Scanner, type Finding } from "../discovery/scan.ts";
import { watchFolders } from "../discovery/watch.ts";
import type { BreakerState } from "./breaker.ts";
import { Instance, type InstanceOptions } from "./instance.ts";
import type { LastReading } from "./last-readings.ts";

/** For what a watch does not show: a host that was hung, a folder that was missing. */
const SCAN_INTERVAL_MS = 30_000;

/** A host binds its socket a moment before it answers; many files may change at once. */
const CHANGE_DELAY_MS = 250;

/** A folder in which something changes all the time is looked at still. */
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
  #names: Names;
  #skipped: readonly SkippedSocket[] = [];
  #isScanning = false;
  #cancelScan: () => void = () => {};
  /** On the monotonic clock; undefined where the last scan has seen all that changed. */
  #changedSinceMs: number | undefined;
  #unwatch: () => void = () => {};
  #stopped = false;

  constructor(options: InstanceSetOptions) {
    this.#options = options;
    this.#names = options.names;
    const { config, owners, connect, clock } = options;
    this.#scanner = new Scanner({ patterns: config.allowedSockets, owners, connect, clock });
  }

  /** Settles after the first scan, when each instance found is known to be up or down. */
  async start(): Promise<void> {
    const folders = watchedFolders(this.#options.config.allowedSockets);
    this.#unwatch = watchFolders(folders, () => this.#onChanged());
    await this.#scan();
    await Promise.all(Array.from(this.#instances.values(), ({ settled }) => settled));
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

  /** One scan at a time; what changes meanwhile has the next. */
  async #scan(): Promise<void> {
    if (this.#isScanning) return;
    this.#isScanning = true;
    this.#changedSinceMs = undefined;
    await this.#scanOnce();
    this.#isScanning = false;
    this.#scanAfter(this.#changedSinceMs === undefined ? SCAN_INTERVAL_MS : CHANGE_DELAY_MS);
  }

  async #scanOnce(): Promise<void> {
    const known = new Set(Array.from(this.#instances.values(), ({ socketPath }) => socketPath));
    const findings = await this.#scanner.scan((path) => known.has(path));
    if (this.#stopped) return;
    const found = findings.flatMap((finding) =>
      finding.type === "aimdb" ? [finding.socketPath] : [],
    );
    await this.#name(found);
    const served = new Set<string>();
    for (const path of found) if (await this.#add(path)) served.add(path);
    const skipped = findings
      .flatMap((finding) => toSkipped(finding, served))
      .slice(0, MAX_INSTANCES);
    const changed = served.size > 0 || !sameSockets(skipped, this.#skipped);
    this.#skipped = skipped;
    if (changed) this.#options.onChange();
  }

  async #name(paths: readonly string[]): Promise<void> {
    const names = assignNames(paths, this.#names);
    if (names.size === this.#names.size) return;
    this.#names = names;
    await this.#options.saveNames(names).catch((error: unknown) => {
      this.#options.log.error("names_not_saved", { reason: String(error) });
    });
  }

  async #add(socketPath: string): Promise<boolean> {
    const name = this.#names.get(socketPath);
    if (name === undefined || this.#instances.has(name)) return true;
    if (this.#instances.size >= MAX_INSTANCES && !(await this.#dropOneThatLeft())) return false;
    if (this.#stopped) return false;
    const instance = new Instance({ ...this.#options, name, socketPath });
    this.#instances.set(name, instance);
    instance.start();
    return true;
  }

  /** Instances stay while their host is away; only for another does one go whose socket is no more. */
  async #dropOneThatLeft(): Promise<boolean> {
    for (const [name, instance] of this.#instances) {
      if (instance.announce().state === "up" || (await exists(instance.socketPath))) continue;
      instance.stop();
      this.#instances.delete(name);
      this.#options.log.info("instance_dropped", { instance: name });
      return true;
    }
    return false;
  }
}

const NO_ROOM = `Only ${MAX_INSTANCES} instances are served; narrow allowed_sockets.`;

function toSkipped(finding: Finding, served: ReadonlySet<string>): SkippedSocket[] {
  const { socketPath } = finding;
  if (finding.type === "aimdb" && served.has(socketPath)) return [];
  const reason = finding.type === "aimdb" ? NO_ROOM : finding.reason;
  return [{ socket_path: socketPath.slice(0, MAX_TEXT_LENGTH), reason }];
}

function sameSockets(a: readonly SkippedSocket[], b: readonly SkippedSocket[]): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
