/** A disk that can be full: a tmpfs of its own, which only root may mount. */
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

export class SmallDisk {
  readonly #folder: string;
  readonly path: string;

  private constructor(folder: string) {
    this.#folder = folder;
    this.path = join(folder, "disk");
  }

  /** `size` as mount has it; `inodes` counts the disk's own folder. */
  static async mount(size: string, inodes = 1_000): Promise<SmallDisk> {
    const disk = new SmallDisk(await mkdtemp(join(tmpdir(), "aimdb-disk-")));
    await mkdir(disk.path);
    await run("mount", [
      "-t",
      "tmpfs",
      "-o",
      `size=${size},nr_inodes=${inodes}`,
      "tmpfs",
      disk.path,
    ]);
    return disk;
  }

  /** To its last page; what a file's own last one has room for goes in still. */
  async fill(): Promise<void> {
    await run("sh", ["-c", `cat /dev/zero > ${this.#ballast} || true`]);
  }

  /** No further file, whatever room there is. */
  async useInodesUp(): Promise<void> {
    await run("sh", ["-c", `i=0; while : > "$0/file-$i"; do i=$((i + 1)); done`, this.path]).catch(
      () => {},
    );
  }

  /** There is room again. */
  async relieve(): Promise<void> {
    await rm(this.#ballast);
  }

  async unmount(): Promise<void> {
    await run("umount", [this.path]);
    await rm(this.#folder, { recursive: true, force: true });
  }

  get #ballast(): string {
    return join(this.path, "ballast");
  }
}
