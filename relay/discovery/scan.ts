/** One look at every socket that the device file allows. */
import type { Welcome } from "#shared/aimx/welcome.ts";
import type { HostClose } from "../instances/host-connection.ts";
import { describeClose } from "../instances/host-failure.ts";
import { findPaths } from "./find-paths.ts";
import { probe, type ProbeOptions } from "./probe.ts";
import { checkTrust, type SocketFileId } from "./trust.ts";

/** More than any gateway has; a pattern over a folder of thousands must not open them all. */
export const MAX_PROBED_SOCKETS = 64;

export type Finding =
  | { readonly type: "aimdb"; readonly socketPath: string; readonly welcome: Welcome }
  | { readonly type: "skipped"; readonly socketPath: string; readonly reason: string };

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
    return Promise.all(
      fresh.map(async (path, i) =>
        i < MAX_PROBED_SOCKETS
          ? this.#look(path)
          : skipped(path, `Only ${MAX_PROBED_SOCKETS} sockets are probed; narrow allowed_sockets.`),
      ),
    );
  }

  async #look(socketPath: string): Promise<Finding> {
    const trust = await checkTrust(socketPath, this.#options.owners);
    if (!trust.ok) return skipped(socketPath, trust.error);
    const foreign = this.#foreign.get(socketPath);
    if (foreign?.file === trust.value) return skipped(socketPath, foreign.reason);
    const probed = await probe(socketPath, this.#options);
    if (probed.ok) return { type: "aimdb", socketPath, welcome: probed.value };
    const reason = describeClose(probed.error);
    if (isForeign(probed.error)) this.#foreign.set(socketPath, { file: trust.value, reason });
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
