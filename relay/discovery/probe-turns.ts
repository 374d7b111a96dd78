/** What came of each socket's last probe, and whose turn is next. Pure. */
import type { SocketFileId } from "./trust.ts";

/** Bounds what is kept of ended probes; sockets of programs that come and go have ever new names. */
const MAX_REMEMBERED = 4_096;

export interface SocketFile {
  readonly socketPath: string;
  readonly file: SocketFileId;
}

export interface ProbeEnd {
  readonly reason: string;
  /** Another program's socket: this file is not written to again. */
  readonly isForeign: boolean;
  /** It may answer the next time: the machine or the program was busy. */
  readonly isSilent: boolean;
}

interface KeptEnd extends ProbeEnd {
  readonly file: SocketFileId;
  readonly at: number;
  /** Up to this one, in a row. */
  readonly silences: number;
}

export class ProbeTurns {
  /** By path, the longest ago first. */
  readonly #ends = new Map<string, KeptEnd>();
  #count = 0;

  endOf({ socketPath, file }: SocketFile): KeptEnd | undefined {
    const end = this.#ends.get(socketPath);
    return end?.file === file ? end : undefined;
  }

  note(socket: SocketFile, end: ProbeEnd): void {
    const { socketPath, file } = socket;
    const silences = end.isSilent ? 1 + (this.endOf(socket)?.silences ?? 0) : 0;
    this.#count += 1;
    this.#ends.delete(socketPath);
    this.#ends.set(socketPath, { ...end, file, at: this.#count, silences });
    const [oldest] = this.#ends.keys();
    if (this.#ends.size > MAX_REMEMBERED && oldest !== undefined) this.#ends.delete(oldest);
  }

  /** Those not probed for longest; those never probed, in the order given. */
  next<T extends SocketFile>(sockets: readonly T[], limit: number): ReadonlySet<T> {
    const atOf = ({ socketPath }: T) => this.#ends.get(socketPath)?.at ?? 0;
    const mayBeHosts = sockets.filter((socket) => this.endOf(socket)?.isForeign !== true);
    return new Set(mayBeHosts.toSorted((a, b) => atOf(a) - atOf(b)).slice(0, limit));
  }
}
