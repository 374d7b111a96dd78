/**
 * Writes begun by a process that ended before they did. Nothing can prove what became of them; what the record holds
 * now is evidence.
 */
import { isEchoOf } from "#shared/json/f32.ts";
import { unknownWrite } from "#shared/link/unknown-write.ts";
import type { Instance } from "../instances/instance.ts";
import type { OpenWrite } from "./journal-file.ts";
import type { Journal } from "./journal.ts";

const READ_TIMEOUT_MS = 3_000;

export interface LeftWriteParts {
  readonly journal: Pick<Journal, "end">;
  readonly find: (instance: string) => Pick<Instance, "get"> | undefined;
}

export async function settleLeftWrites(
  left: readonly OpenWrite[],
  parts: LeftWriteParts,
): Promise<void> {
  await Promise.all(left.map((write) => settle(write, parts)));
}

async function settle(write: OpenWrite, { journal, find }: LeftWriteParts): Promise<void> {
  const reading = await find(write.instance)?.get(write.record, READ_TIMEOUT_MS);
  const isReadable = reading?.ok === true && write.value !== undefined;
  await journal.end(write.id, {
    ...unknownWrite("link_lost", "The relay ended while the write was under way."),
    now_equals_requested: isReadable
      ? isEchoOf(reading.value.sample.value, write.value)
      : "unreadable",
  });
}
