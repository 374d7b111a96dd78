/** Tables of an account object. Times are Unix milliseconds. */
export const ACCOUNT_MIGRATIONS = [
  `
  CREATE TABLE account (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    email TEXT NOT NULL,
    display_name TEXT NOT NULL,
    -- Null for a person who signs in elsewhere.
    password TEXT,
    created_at INTEGER NOT NULL
  );
  -- SHA-256 of the cookie's secret.
  CREATE TABLE session (
    hash TEXT PRIMARY KEY,
    signed_in_at INTEGER NOT NULL,
    used_at INTEGER NOT NULL
  );
  -- Only where to ask: the role stands in the team.
  CREATE TABLE membership (
    team TEXT PRIMARY KEY,
    joined_at INTEGER NOT NULL
  );
  `,
  `
  -- When the person showed who they are; null where their provider does not say.
  ALTER TABLE session ADD COLUMN proven_at INTEGER;
  `,
  `
  -- For whoever forgot the password. By SHA-256 of the link's secret; a newer one takes its place.
  CREATE TABLE password_link (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    hash TEXT NOT NULL,
    expires_at INTEGER NOT NULL
  );
  `,
];
