/** One look at every socket that the device file allows. */
import type { Welcome } from "#shared/aimx/welcome.ts";
import type { HostClose } from "../instances/host-connection.ts";
import { describeClose } from "../instances/host-failure.ts";
import { findPaths } from "./find-paths.ts";
import { probe, type ProbeOptions } from "./probe.ts";
import { checkTrust, type SocketFileId } from "./trust.ts";

/** More than any gateway has; a pattern over a folder of thousands must not open them all. */
export const MAX_PROBED_SOCKETS = 64;

/** Files are looked at, not opened: those of other users hide no socket of ours. */
const MAX_LOOKED_AT = 4_096;

export type Finding =
  | { readonly type: "aimdb"; readonly socketPath: string; readonly welcome: Welcome }
  | { readonly type: "skipped"; readonly socketPath: string; readonly reason: string };

/** A socket that may be opened. */
interface Candidate {
  readonly type: "candidate";
  readonly socketPath: string;
  readonly file: SocketFileId;
}

export interface ScanOptions extends ProbeOptions {
  readonly patterns: readonly string[];
  readonly owners: ReadonlySet<number>;
}

export class Scanner {
  readonly #options: ScanOptions;
  /** Sockets of other programs, told apart by file: they are not written to again. */
  readonly #foreign = new Map<string, { readonly file: SocketFileId; readonly reason: string }>();

  constructor(options: ScanOptions) {
    this.#options = options;
  }

  /** In parallel: N hung sockets cost one probe's time, not N. `isKnown` sockets are left alone. */
  async scan(isKnown: (socketPath: string) => boolean = () => false): Promise<Finding[]> {
    const paths = await findPaths(this.#options.patterns);
    const fresh = paths.filter((path) => !isKnown(path));
    const looks = await Promise.all(
      fresh.map(async (path, i) =>
        i < MAX_LOOKED_AT ? this.#lookAt(path) : skipped(path, TOO_MANY),
      ),
    );
    const candidates = looks.filter(({ type }) => type === "candidate");
    const probed = new Set(candidates.slice(0, MAX_PROBED_SOCKETS));
    return Promise.all(
      looks.map(async (look) => {
        if (look.type !== "candidate") return look;
        return probed.has(look) ? this.#probe(look) : skipped(look.socketPath, TOO_MANY);
      }),
    );
  }

  async #lookAt(socketPath: string): Promise<Finding | Candidate> {
    const trust = await checkTrust(socketPath, this.#options.owners);
    if (!trust.ok) return skipped(socketPath, trust.error);
    const foreign = this.#foreign.get(socketPath);
    if (foreign?.file === trust.value) return skipped(socketPath, foreign.reason);
    return { type: "candidate", socketPath, file: trust.value };
  }

  async #probe({ socketPath, file }: Candidate): Promise<Finding> {
    const probed = await probe(socketPath, this.#options);
    if (probed.ok) return { type: "aimdb", socketPath, welcome: probed.value };
    const reason = describeClose(probed.error);
    if (isForeign(probed.error)) this.#foreign.set(socketPath, { file, reason });
    return skipped(socketPath, reason);
  }
}

/** Silence is no proof: a host may hang, or have all its connections in use. */
function isForeign({ reason }: HostClose): boolean {
  return reason === "not_aimx" || reason === "line_too_long";
}

function skipped(socketPath: string, reason: string): Finding {
  return { type: "skipped", socketPath, reason };
}

const TOO_MANY = `Only ${MAX_PROBED_SOCKETS} sockets are probed; narrow allowed_sockets.`;
