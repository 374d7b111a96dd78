/** Where the demo keeps its state: a temporary folder removed at the end, or a named one. */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

export class DemoFolder {
  /** The Worker's. */
  readonly workerState: string;
  /** The relay's: its key and what it enrolled as. */
  readonly relayState: string;
  readonly relayConfig: string;
  readonly joinToken: string;
  readonly logs: string;
  readonly #path: string;
  readonly #isTemporary: boolean;

  private constructor(path: string, isTemporary: boolean) {
    this.#path = path;
    this.#isTemporary = isTemporary;
    this.workerState = join(path, "worker");
    this.relayState = join(path, "relay");
    this.relayConfig = join(path, "relay.toml");
    this.joinToken = join(path, "join-token");
    this.logs = join(path, "logs");
  }

  /** The path is short: a Unix socket's path has 107 bytes at most, and some sockets are in here. */
  static async open(named: string | undefined): Promise<DemoFolder> {
    const path =
      named === undefined ? await mkdtemp(join(tmpdir(), "aimdb-demo-")) : resolve(named);
    const folder = new DemoFolder(path, named === undefined);
    await mkdir(folder.logs, { recursive: true, mode: 0o700 });
    return folder;
  }

  socket(name: string): string {
    return join(this.#path, `${name}.sock`);
  }

  log(name: string): string {
    return join(this.logs, `${name}.log`);
  }

  async write(path: string, text: string): Promise<void> {
    await writeFile(path, text, { mode: 0o600 });
  }

  async close(): Promise<void> {
    if (this.#isTemporary) await rm(this.#path, { recursive: true, force: true });
  }
}
