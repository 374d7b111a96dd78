/** A folder of the test's own, gone when it is over. Its path is short: those of sockets are bounded. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

export async function freshFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "ar-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
