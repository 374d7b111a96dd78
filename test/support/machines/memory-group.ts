/** A control group of the kernel with a limit of memory, as systemd makes one of `MemoryMax`. */
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readFileSync,
  rmdirSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { IS_ROOT, orSkip } from "../needed.ts";

/** Where the two generations of the interface have it, and how they name it. */
const GENERATIONS = [
  {
    root: "/sys/fs/cgroup/memory",
    proof: "memory.limit_in_bytes",
    limit: "memory.limit_in_bytes",
    events: "memory.oom_control",
  },
  {
    root: "/sys/fs/cgroup",
    proof: "cgroup.controllers",
    limit: "memory.max",
    events: "memory.events",
  },
] as const;

const generation = GENERATIONS.find(({ root, proof }) => existsSync(join(root, proof)));

/** False, loudly, where the kernel lets us make none; under CI that is a failure. */
export function canLimitMemory(): boolean {
  return orSkip(
    IS_ROOT && generation !== undefined && isWritable(generation.root),
    "NO MEMORY GROUPS: that the relay keeps within its unit's MemoryMax is not tested.",
  );
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

export class MemoryGroup {
  readonly #folder: string;
  readonly #events: string;

  constructor(name: string, limitBytes: number) {
    if (generation === undefined) throw new Error("The kernel has no memory groups");
    this.#folder = join(generation.root, name);
    mkdirSync(this.#folder);
    this.#events = join(this.#folder, generation.events);
    writeFileSync(join(this.#folder, generation.limit), String(limitBytes));
  }

  /** A process that writes its id there is in it, with all that it starts. */
  get door(): string {
    return join(this.#folder, "cgroup.procs");
  }

  /** Processes that the kernel ended because the group had no memory left. */
  get killed(): number {
    return Number(/^oom_kill (\d+)$/m.exec(readFileSync(this.#events, "utf8"))?.[1]);
  }

  /** When all of its processes have ended. */
  remove(): void {
    rmdirSync(this.#folder);
  }
}
