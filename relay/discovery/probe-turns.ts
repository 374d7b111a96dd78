/** What came of each socket's last probe, and whose turn is next. Pure. */
import type { SocketFileId } from "./trust.ts";

/** Of ended probes; sockets of programs that come and go have ever new names. */
const MAX_REMEMBERED = 4_096;

export interface SocketFile {
  readonly socketPath: string;
  readonly file: SocketFileId;
}

export interface ProbeEnd {
  readonly reason: string;
  /** Of another program: this file is not written to again. */
  readonly isForeign: boolean;
}

export class ProbeTurns {
  /** By path, the longest ago first. */
  readonly #ends = new Map<string, ProbeEnd & Pick<SocketFile, "file"> & { readonly at: number }>();
  #count = 0;

  endOf({ socketPath, file }: SocketFile): ProbeEnd | undefined {
    const end = this.#ends.get(socketPath);
    return end?.file === file ? end : undefined;
  }

  note({ socketPath, file }: SocketFile, end: ProbeEnd): void {
    this.#count += 1;
    this.#ends.delete(socketPath);
    this.#ends.set(socketPath, { ...end, file, at: this.#count });
    const [oldest] = this.#ends.keys();
    if (this.#ends.size > MAX_REMEMBERED && oldest !== undefined) this.#ends.delete(oldest);
  }

  /** Those that were not probed for longest; of those that never were, in the order given. */
  next<T extends SocketFile>(sockets: readonly T[], limit: number): ReadonlySet<T> {
    const atOf = ({ socketPath }: T) => this.#ends.get(socketPath)?.at ?? 0;
    const mayBeHosts = sockets.filter((socket) => this.endOf(socket)?.isForeign !== true);
    return new Set(mayBeHosts.toSorted((a, b) => atOf(a) - atOf(b)).slice(0, limit));
  }
}
