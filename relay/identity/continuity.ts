/**
 * The value that the last welcome gave, for the next dial to show (PROTOCOL.md D-16 to D-20): the worker notices by it
 * that a second device has this relay's key. It is in the state folder, and only the file counts: a value that could
 * not be stored is not shown, since the process may end before it is.
 */
import { join } from "node:path";
import * as z from "zod/mini";
import { continuitySchema } from "#shared/link/dial-token.ts";
import type { Log } from "../log.ts";
import { readPrivateJson, writePrivateFile } from "./state-dir.ts";

const FILE_NAME = "continuity.json";

/** A value for another relay, which this device was before, is not this one's history. */
const continuityFileSchema = z.object({ relay_id: z.string(), value: continuitySchema });

/**
 * `kept`: the last welcome's value is stored. `not_stored`: it could not be. `none`: no welcome has given one to
 * this process yet.
 */
export const continuityStateSchema = z.enum(["none", "kept", "not_stored"]);
export type ContinuityState = z.infer<typeof continuityStateSchema>;

export class Continuity {
  readonly #folder: string;
  readonly #relayId: string;
  readonly #log: Log;
  #state: ContinuityState = "none";
  /** Never rejects. */
  #stored: Promise<void> = Promise.resolve();

  constructor(options: { readonly folder: string; readonly relayId: string; readonly log: Log }) {
    this.#folder = options.folder;
    this.#relayId = options.relayId;
    this.#log = options.log;
  }

  get state(): ContinuityState {
    return this.#state;
  }

  /** After what is being stored: a dial that overtook it would show a value that the worker no longer knows. */
  async shown(): Promise<string | undefined> {
    await this.#stored;
    try {
      return await readContinuity(this.#folder, this.#relayId);
    } catch (error) {
      this.#log.warn("continuity_not_read", { reason: String(error) });
      return undefined;
    }
  }

  keep(value: string): void {
    this.#stored = this.#stored.then(() => this.#store(value));
  }

  /** Settles when nothing is being stored. */
  settled(): Promise<void> {
    return this.#stored;
  }

  async #store(value: string): Promise<void> {
    const text = JSON.stringify({ relay_id: this.#relayId, value });
    try {
      await writePrivateFile(join(this.#folder, FILE_NAME), text);
      this.#state = "kept";
    } catch (error) {
      this.#state = "not_stored";
      this.#log.warn("continuity_not_stored", { reason: String(error) });
    }
  }
}

/** Undefined if none was stored for this relay. Throws if the file is damaged, or others may read it. */
export async function readContinuity(folder: string, relayId: string): Promise<string | undefined> {
  const path = join(folder, FILE_NAME);
  const damaged = "is damaged: delete it";
  const found = await readPrivateJson(path, continuityFileSchema, damaged);
  return found?.relay_id === relayId ? found.value : undefined;
}
