import { expect, test } from "vitest";
import { stateFolder } from "../../relay/environment.ts";
import { TestEnvironment } from "./support/device/test-environment.ts";

test.each<[Record<string, string>, string]>([
  [{}, "/home/u/.local/state/aimdb-relay"],
  [{ STATE_DIRECTORY: "/var/lib/aimdb-relay" }, "/var/lib/aimdb-relay"],
  [{ STATE_DIRECTORY: "/var/lib/a:/var/lib/b" }, "/var/lib/a"],
  [{ STATE_DIRECTORY: "" }, "/home/u/.local/state/aimdb-relay"],
  [{ XDG_STATE_HOME: "/state" }, "/state/aimdb-relay"],
  [{ XDG_STATE_HOME: "" }, "/home/u/.local/state/aimdb-relay"],
  [{ XDG_STATE_HOME: "state" }, "/home/u/.local/state/aimdb-relay"],
  [{ STATE_DIRECTORY: "/var/lib/a", XDG_STATE_HOME: "/state" }, "/var/lib/a"],
])("stateFolder() with %j is %s", (variables, folder) => {
  expect(stateFolder(new TestEnvironment({ homeFolder: "/home/u", variables }))).toBe(folder);
});
