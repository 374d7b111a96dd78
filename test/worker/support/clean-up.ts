/** After each test: links are closed at both ends, every object's storage is emptied. */
import { reset } from "cloudflare:test";
import { vi } from "vitest";
import { inObject, objectIds } from "./objects.ts";
import { closeRelays } from "./scripted-relay.ts";

/** Ids stay listed when their objects are reset. */
const done = new Set<string>();

export async function cleanUp(): Promise<void> {
  await closeRelays();
  for (const id of await objectIds("RELAY")) {
    if (!done.has(id)) await vi.waitFor(() => isWithoutSockets(id));
    done.add(id);
  }
  await reset();
}

async function isWithoutSockets(id: string): Promise<void> {
  const { length } = await inObject("RELAY", id, (state) => state.getWebSockets());
  if (length > 0) throw new Error("A socket is still open");
}
