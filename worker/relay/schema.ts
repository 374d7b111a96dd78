/** Tables of a relay object. Times are Unix milliseconds. */
export const RELAY_MIGRATIONS = [
  `
  CREATE TABLE relay (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    team TEXT NOT NULL,
    name TEXT NOT NULL,
    public_key TEXT NOT NULL,
    installation TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    -- Raised by each accepted dial; a socket of a lower one is not heard any more.
    generation INTEGER NOT NULL DEFAULT 0,
    -- Null while a session lives, or when nobody saw it end.
    offline_since INTEGER
  );
  -- Ids of dial tokens that were accepted, until they could not be accepted again anyway.
  CREATE TABLE dial_jti (
    jti TEXT PRIMARY KEY,
    expires_at INTEGER NOT NULL
  );
  CREATE TABLE inventory (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    body TEXT NOT NULL
  );
  CREATE TABLE subscription (
    id TEXT PRIMARY KEY,
    principal TEXT NOT NULL,
    instance TEXT NOT NULL,
    record TEXT NOT NULL,
    epoch TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    events_left INTEGER,
    ends_at INTEGER NOT NULL,
    used_at INTEGER NOT NULL,
    ended INTEGER NOT NULL DEFAULT 0
  );
  `,
  `
  CREATE TABLE drain_cursor (
    principal TEXT NOT NULL,
    instance TEXT NOT NULL,
    record TEXT NOT NULL,
    epoch TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    used_at INTEGER NOT NULL,
    PRIMARY KEY (principal, instance, record)
  );
  `,
  `
  CREATE TABLE last_known (
    instance TEXT PRIMARY KEY,
    -- Readings, their times in Unix milliseconds.
    body TEXT NOT NULL,
    written_at INTEGER NOT NULL
  );
  `,
  `
  ALTER TABLE relay ADD COLUMN status TEXT NOT NULL DEFAULT 'active';
  -- The key that takes the place of the relay's own: both are accepted until it has dialed and a day
  -- has passed.
  ALTER TABLE relay ADD COLUMN next_key TEXT;
  ALTER TABLE relay ADD COLUMN next_key_at INTEGER;
  ALTER TABLE relay ADD COLUMN next_key_dialed INTEGER NOT NULL DEFAULT 0;
    `,
  `
  CREATE TABLE write_call (
    id TEXT PRIMARY KEY,
    principal TEXT NOT NULL,
    -- Null for a service.
    person TEXT,
    instance TEXT NOT NULL,
    record TEXT NOT NULL,
    -- SHA-256 of what is asked: instance, record, value and what is expected.
    digest TEXT NOT NULL,
    -- As JSON, until the write has ended.
    ask TEXT,
    state TEXT NOT NULL,
    approver TEXT,
    approved_by TEXT,
    -- Of the device when the write was sent: another one may have forgotten it.
    journal_id TEXT,
    -- On which it was sent; a reply on another is not its own.
    session TEXT,
    outcome TEXT,
    asked_at INTEGER NOT NULL,
    expires_at INTEGER,
    changed_at INTEGER NOT NULL
  );
  CREATE INDEX write_call_state ON write_call (state);
  CREATE TABLE write_key (
    principal TEXT NOT NULL,
    instance TEXT NOT NULL,
    record TEXT NOT NULL,
    key TEXT NOT NULL,
    call TEXT NOT NULL,
    used_at INTEGER NOT NULL,
    PRIMARY KEY (principal, instance, record, key)
  );
  -- Entries of the team's log that it has not confirmed yet.
  CREATE TABLE audit_outbox (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    entry TEXT NOT NULL
  );
  `,
  `
  -- SHA-256 of the continuity value that the last accepted dial was given, and of the one it showed: null
  -- where it showed none. The first is null until a dial is given one.
  ALTER TABLE relay ADD COLUMN continuity_given TEXT;
  ALTER TABLE relay ADD COLUMN continuity_shown TEXT;
  -- Part of the address of the last accepted dial.
  ALTER TABLE relay ADD COLUMN dialed_from TEXT;
  `,
  `
  -- Where the last read began, for it to be repeated where its answer was lost.
  ALTER TABLE subscription ADD COLUMN last_read TEXT;
  ALTER TABLE subscription ADD COLUMN last_epoch TEXT;
  ALTER TABLE subscription ADD COLUMN last_sequence INTEGER;
  ALTER TABLE subscription ADD COLUMN last_events_left INTEGER;
  `,
  `
  -- 1 if the last session ended because the relay meant to go: nobody waits for that one.
  ALTER TABLE relay ADD COLUMN has_left INTEGER NOT NULL DEFAULT 0;
  `,
];
