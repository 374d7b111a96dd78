/** The file a Unix socket is reached by. */

import { chmod, rename, rm, stat } from "node:fs/promises";
import type { Server } from "node:net";

/** As hosts set it: their only protection. */
const SOCKET_MODE = 0o600;

export class SocketFile {
  readonly #path: string;
  #inode: number | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  /**
   * Takes the path even from a live host, as AimDB does; that host is then unreachable. Node binds another name
   * than the final one, because it removes the name that it bound when it closes, even if another host has it by
   * then.
   */
  async bind(server: Server): Promise<void> {
    const bound = `${this.#path}~`;
    await rm(bound, { force: true });
    await listen(server, bound);
    await chmod(bound, SOCKET_MODE);
    this.#inode = (await stat(bound)).ino;
    await rename(bound, this.#path);
  }

  async release(server: Server, leaveFile: boolean): Promise<void> {
    await new Promise<void>((resolve) => {
      server.close(() => {
        resolve();
      });
    });
    if (!leaveFile && (await this.#isOurs())) await rm(this.#path, { force: true });
  }

  async #isOurs(): Promise<boolean> {
    try {
      return (await stat(this.#path)).ino === this.#inode;
    } catch {
      return false;
    }
  }
}

async function listen(server: Server, path: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, () => {
      server.off("error", reject);
      resolve();
    });
  });
}
