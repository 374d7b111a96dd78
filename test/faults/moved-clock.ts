/** A wall clock that is set while those who go by it run. Made with the machine's own C compiler. */
import { execFileSync } from "node:child_process";
import { mkdtemp, open, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { projectPath } from "../../worker/selfhost/project.ts";

export class MovedClock {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async open(): Promise<MovedClock> {
    const clock = new MovedClock(await mkdtemp(join(tmpdir(), "aimdb-clock-")));
    const source = projectPath("test/faults/moved-clock.c");
    execFileSync("cc", ["-shared", "-fPIC", "-O1", "-o", clock.#library, source, "-lpthread"]);
    await writeFile(clock.#offset, Buffer.alloc(8));
    return clock;
  }

  /** For the environment of who goes by it. */
  get variables(): Record<string, string> {
    return { LD_PRELOAD: this.#library, MOVED_CLOCK: this.#offset };
  }

  /** In place: it is mapped into memory. */
  async set(offsetS: number): Promise<void> {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64LE(BigInt(offsetS));
    const file = await open(this.#offset, "r+");
    await file.write(bytes, 0, bytes.length, 0);
    await file.close();
  }

  async close(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }

  get #library(): string {
    return join(this.#folder, "moved-clock.so");
  }

  get #offset(): string {
    return join(this.#folder, "offset");
  }
}
