/** Which objects of a worker are in memory: one that sleeps has closed its database. From /proc. */
import { readdirSync, readlinkSync } from "node:fs";
import { basename } from "node:path";

export function openDatabases(workerPid: number): string[] {
  const folder = `/proc/${workerPid}/fd`;
  return readdirSync(folder)
    .flatMap((fd) => targetOf(`${folder}/${fd}`))
    .filter((path) => /^[0-9a-f]{64}\.sqlite$/.test(basename(path)));
}

/** Empty of one that was closed since it was listed. */
function targetOf(link: string): string[] {
  try {
    return [readlinkSync(link)];
  } catch {
    return [];
  }
}
