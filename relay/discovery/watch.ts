/** Tells when a folder's entries change, so that a new socket is found at once. */
import { watch } from "node:fs";

/**
 * Best effort: a folder that is missing or can't be watched is left to the interval scan. The
 * returned function ends it.
 */
export function watchFolders(folders: readonly string[], onChange: () => void): () => void {
  const watchers = folders.flatMap((folder) => {
    try {
      const watcher = watch(folder, { persistent: false }, (_event, name) => {
        if (name === null || name.endsWith(".sock")) onChange();
      });
      watcher.on("error", () => watcher.close());
      return [watcher];
    } catch {
      return [];
    }
  });
  return () => {
    for (const watcher of watchers) watcher.close();
  };
}
