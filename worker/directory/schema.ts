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
  CREATE TABLE account (
    email TEXT PRIMARY KEY,
    id TEXT NOT NULL UNIQUE
  );
  CREATE TABLE identity (
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    account TEXT NOT NULL,
    PRIMARY KEY (issuer, subject)
  );
  -- Asked where an address has no account, so that the answer takes the same way.
  CREATE TABLE decoy (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    account TEXT NOT NULL
  );
  -- Sign-ins at an OpenID provider that are under way, by SHA-256 of the cookie's secret.
  CREATE TABLE openid_transaction (
    hash TEXT PRIMARY KEY,
    state TEXT NOT NULL,
    nonce TEXT NOT NULL,
    verifier TEXT NOT NULL,
    expires_at INTEGER NOT NULL
  );
  -- By SHA-256 of the address, whether it has an account or not.
  CREATE TABLE sign_in_attempt (
    email_hash TEXT PRIMARY KEY,
    failures REAL NOT NULL,
    at INTEGER NOT NULL
  );
  CREATE INDEX sign_in_attempt_at ON sign_in_attempt (at);
  `,
  `
  -- When somebody last saw that storage works.
  CREATE TABLE probe (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    at INTEGER NOT NULL
  );
  `,
  `
  ALTER TABLE openid_transaction ADD COLUMN is_again INTEGER NOT NULL DEFAULT 0;
  `,
];
