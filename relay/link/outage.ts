/** Which failures of a link that is down get a line in the log. Pure. */

/** Some tell of an address that is another one each time. */
const MAX_REASONS = 16;

/** In a month as many as it doubled its failures, and one for each reason, also where two of them take turns. */
export class Outage {
  readonly #reasons = new Set<string>();

  /** `failures`: since the last healthy link. */
  isLogged(why: string, failures: number): boolean {
    if (failures === 1) this.#reasons.clear();
    const isNew = !this.#reasons.has(why) && this.#reasons.size < MAX_REASONS;
    if (isNew) this.#reasons.add(why);
    return isNew || Number.isInteger(Math.log2(failures));
  }
}
