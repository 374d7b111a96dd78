/** Tables of a team object. Secrets stand as SHA-256 in hex. Times are Unix milliseconds. */
export const TEAM_MIGRATIONS = [
  `
  CREATE TABLE team (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    name TEXT NOT NULL,
    installation TEXT NOT NULL,
    created_at INTEGER NOT NULL
  );
  CREATE TABLE relay (
    name TEXT PRIMARY KEY,
    object_id TEXT NOT NULL UNIQUE,
    public_key TEXT NOT NULL,
    created_at INTEGER NOT NULL
  );
  CREATE TABLE join_token (
    hash TEXT PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    name_pattern TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at INTEGER,
    used_key TEXT,
    relay TEXT
  );
  CREATE TABLE access_token (
    hash TEXT PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    label TEXT NOT NULL,
    scopes TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    last_used_day INTEGER
  );
  `,
  `
  CREATE TABLE write_policy (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    body TEXT NOT NULL
  );
  -- Appended to only; each hash covers the one before.
  CREATE TABLE audit (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    entry TEXT NOT NULL,
    call TEXT,
    hash TEXT NOT NULL
  );
  CREATE INDEX audit_at ON audit (at);
  CREATE INDEX audit_call ON audit (call);
  -- Writes that wait for somebody of the team, at whichever relay.
  CREATE TABLE pending_write (
    call TEXT PRIMARY KEY,
    relay TEXT NOT NULL,
    principal TEXT NOT NULL,
    expires_at INTEGER NOT NULL
  );
  `,
];
