/** How long sockets have had no process, and which of them give up their places. Pure. */

/** Longer than a plant's holidays. */
const KEPT_MS = 7 * 86_400_000;

/** A process that is restarted, or updated, finds its place and its name again. */
const RESTART_MS = 5 * 60_000;

export class Absences {
  /** By path, on the relay's monotonic clock. */
  #sinceMs: ReadonlyMap<string, number> = new Map();

  /** Takes all that are gone now; one that came back in between starts over. */
  note(gone: readonly string[], nowMs: number): void {
    this.#sinceMs = new Map(gone.map((path) => [path, this.#sinceMs.get(path) ?? nowMs]));
  }

  /** Of `paths`, those that are gone for too long, and of the others as many as make `needed`, longest gone first. */
  leaving(paths: readonly string[], needed: number, nowMs: number): string[] {
    const goneMs = (path: string) => nowMs - (this.#sinceMs.get(path) ?? nowMs);
    return paths
      .toSorted((a, b) => goneMs(b) - goneMs(a))
      .filter((path, i) => goneMs(path) >= (i < needed ? RESTART_MS : KEPT_MS));
  }
}
