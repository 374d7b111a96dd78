/** One look at every socket that the device file allows. */
import type { Welcome } from "#shared/aimx/welcome.ts";
import { MAX_INSTANCES } from "#shared/link/limits.ts";
import type { HostClose } from "../instances/host/host-connection.ts";
import { describeClose } from "../instances/host/host-failure.ts";
import { MAX_MATCHES, PathFinder } from "./find-paths.ts";
import { ProbeTurns, type SocketFile } from "./probe-turns.ts";
import { probe, type ProbeOptions } from "./probe.ts";
import { sameSockets } from "./same-socket.ts";
import { checkTrust } from "./trust.ts";

/**
 * Probes in one look: twice as many as are served, since a pattern over a folder of thousands must not open them all.
 */
export const MAX_PROBED_SOCKETS = 2 * MAX_INSTANCES;

export type Finding =
  | { readonly type: "aimdb"; readonly socketPath: string; readonly welcome: Welcome }
  | { readonly type: "skipped"; readonly socketPath: string; readonly reason: string };

/** A socket that may be opened. */
interface Candidate extends SocketFile {
  readonly type: "candidate";
}

export interface ScanOptions extends ProbeOptions {
  readonly patterns: readonly string[];
  readonly owners: ReadonlySet<number>;
}

export class Scanner {
  readonly #options: ScanOptions;
  readonly #finder: PathFinder;
  readonly #turns = new ProbeTurns();
  #fewestSilences = 0;

  constructor(options: ScanOptions) {
    this.#options = options;
    this.#finder = new PathFinder(options.patterns);
  }

  /**
   * How many probes in a row the least silent of the sockets that did not answer the last scan has missed. 0 if all
   * answered, or if so many match that no silence is remembered until the next scan.
   */
  get fewestSilences(): number {
    return this.#fewestSilences;
  }

  /**
   * In parallel: N hung sockets cost one probe's time, not N. `isKnown` sockets are left alone. What strangers put
   * there is reported last.
   */
  async scan(isKnown: (socketPath: string) => boolean = () => false): Promise<Finding[]> {
    const { paths, crowded } = await this.#finder.next();
    const same = await sameSockets(paths, isKnown);
    const fresh = paths.filter((path) => !isKnown(path));
    const looks = await Promise.all(fresh.map((path) => this.#lookAt(path, same.get(path))));
    const candidates = looks.filter((look) => look.type === "candidate");
    const others = looks.filter((look) => look.type !== "candidate");
    const turn = this.#turns.next(candidates, MAX_PROBED_SOCKETS);
    const probed = await Promise.all(
      candidates.map(async (socket) =>
        turn.has(socket) ? this.#probe(socket) : this.#last(socket),
      ),
    );
    const silences = Array.from(turn, (socket) => this.#turns.endOf(socket)?.silences ?? 0);
    this.#fewestSilences = crowded.length > 0 ? 0 : leastOf(silences.filter((count) => count > 0));
    return [...crowded.map((pattern) => skipped(pattern, CROWDED)), ...probed, ...others];
  }

  async #lookAt(socketPath: string, sameAs: string | undefined): Promise<Finding | Candidate> {
    if (sameAs !== undefined) return skipped(socketPath, `It is the same socket as ${sameAs}.`);
    const trust = await checkTrust(socketPath, this.#options.owners);
    if (!trust.ok) return skipped(socketPath, trust.error);
    return { type: "candidate", socketPath, file: trust.value };
  }

  async #probe(socket: Candidate): Promise<Finding> {
    const { socketPath } = socket;
    const probed = await probe(socketPath, this.#options);
    if (probed.ok) {
      this.#turns.note(socket, { reason: TOO_MANY, isForeign: false, isSilent: false });
      return { type: "aimdb", socketPath, welcome: probed.value };
    }
    const { error } = probed;
    const reason = describeClose(error);
    this.#turns.note(socket, { reason, isForeign: isForeign(error), isSilent: isSilent(error) });
    return skipped(socketPath, reason);
  }

  #last(socket: Candidate): Finding {
    return skipped(socket.socketPath, this.#turns.endOf(socket)?.reason ?? TOO_MANY);
  }
}

/** Silence proves nothing: a host may hang, or have all its connections in use. */
function isForeign({ reason }: HostClose): boolean {
  return reason === "not_aimx" || reason === "line_too_long";
}

/** A busy machine or program had no time, or no place in its backlog, for the probe. */
function isSilent(close: HostClose): boolean {
  return (
    close.reason === "hello_timeout" || (close.reason === "socket" && close.errorCode === "EAGAIN")
  );
}

function leastOf(counts: readonly number[]): number {
  return counts.length === 0 ? 0 : Math.min(...counts);
}

function skipped(socketPath: string, reason: string): Finding {
  return { type: "skipped", socketPath, reason };
}

const TOO_MANY = `Only ${MAX_PROBED_SOCKETS} sockets are probed in one scan, so a later scan takes it; narrow allowed_sockets.`;
const CROWDED = `It matches more than ${MAX_MATCHES} sockets, so each scan takes the next of them; narrow allowed_sockets.`;
