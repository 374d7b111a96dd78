/** Where the OAuth library keeps what it stores; the same table in team objects and shards. */
export const OAUTH_ENTRY_TABLE = `
  CREATE TABLE oauth_entry (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL,
    metadata TEXT,
    expires_at INTEGER
  );
  CREATE INDEX oauth_entry_expiry ON oauth_entry (expires_at);
`;

/** Tables of a shard object. */
export const SHARD_MIGRATIONS = [OAUTH_ENTRY_TABLE];
