/** The foreign clients have a lock of their own. */
import { ensureBuilt } from "../../worker/selfhost/build/build.ts";
import { installLocked } from "../support/install-locked.ts";

export default async function setup(): Promise<void> {
  await ensureBuilt();
  installLocked("test/clients");
}
