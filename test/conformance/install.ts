/** The official suite has a lock of its own. */
import { installLocked } from "../support/install-locked.ts";

export default function setup(): void {
  installLocked("test/conformance/suite");
}
