/** CPU time and memory of a process and all that it started, from /proc. */
import { readFileSync } from "node:fs";
import { descendantsOf } from "../support/processes/process-tree.ts";

/** Linux counts in hundredths of a second on every architecture Node runs on. */
const MS_PER_TICK = 10;

export interface Usage {
  readonly cpuMs: number;
  readonly rssMb: number;
  /** Private memory; the rest of RSS are pages of files, shared with others. */
  readonly anonMb: number;
}

export function usageOf(pid: number): Usage {
  const pids = [pid, ...descendantsOf(pid)];
  return pids.reduce(
    (sum, each) => {
      const one = readOne(each);
      return {
        cpuMs: sum.cpuMs + one.cpuMs,
        rssMb: sum.rssMb + one.rssMb,
        anonMb: sum.anonMb + one.anonMb,
      };
    },
    { cpuMs: 0, rssMb: 0, anonMb: 0 },
  );
}

function readOne(pid: number): Usage {
  try {
    // The name, in parentheses, may hold spaces.
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    const kilobytes = (name: string) =>
      Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(status)?.[1] ?? 0);
    return {
      cpuMs: (Number(fields[11]) + Number(fields[12])) * MS_PER_TICK,
      rssMb: kilobytes("VmRSS") / 1024,
      anonMb: kilobytes("RssAnon") / 1024,
    };
  } catch {
    return { cpuMs: 0, rssMb: 0, anonMb: 0 };
  }
}
