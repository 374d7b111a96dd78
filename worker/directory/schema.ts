/** Tables of the directory object. */
export const DIRECTORY_MIGRATIONS = [
  `
  CREATE TABLE installation (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    id TEXT NOT NULL
  );
  CREATE TABLE team (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    created_at INTEGER NOT NULL
  );
  `,
  `
  -- Its root secrets; the newest signs, older ones verify for a while.
  CREATE TABLE root_secret (
    created_at INTEGER PRIMARY KEY,
    secret TEXT NOT NULL
  );
  `,
];
