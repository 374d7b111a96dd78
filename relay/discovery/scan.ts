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
  readonly #foreign = new Map<string, SocketFileId>();

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
    if (this.#foreign.get(socketPath) === trust.value)
      return skipped(socketPath, describeClose(FOREIGN));
    const probed = await probe(socketPath, this.#options);
    if (probed.ok) return { type: "aimdb", socketPath, welcome: probed.value };
    if (probed.error.reason === FOREIGN.reason) this.#foreign.set(socketPath, trust.value);
    return skipped(socketPath, describeClose(probed.error));
  }
}

const FOREIGN: HostClose = { reason: "not_aimx" };

function skipped(socketPath: string, reason: string): Finding {
  return { type: "skipped", socketPath, reason };
}
