/** Tables of a team object. Secrets are stored as SHA-256 in hex. Times are Unix milliseconds. */
import { EXTERNAL_SUBJECT_TABLE } from "../external/schema.ts";
import { OAUTH_ENTRY_TABLE } from "../oauth/storage/schema.ts";

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
  CREATE TABLE member (
    account TEXT PRIMARY KEY,
    -- Names the person within the team: in logs, at devices, in the API.
    id TEXT NOT NULL UNIQUE,
    email TEXT NOT NULL,
    display_name TEXT NOT NULL,
    role TEXT NOT NULL,
    joined_at INTEGER NOT NULL
  );
  CREATE TABLE invitation (
    hash TEXT PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    role TEXT NOT NULL,
    -- Null: whoever has the link.
    email TEXT,
    -- 1: good only while the team has no owner.
    first_owner INTEGER NOT NULL,
    created_by TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
  );
  -- Null for a service: its principal is the token itself.
  ALTER TABLE access_token ADD COLUMN member TEXT;
  CREATE TABLE token_network (
    token TEXT NOT NULL,
    network TEXT NOT NULL,
    first_used_at INTEGER NOT NULL,
    PRIMARY KEY (token, network)
  );
  ALTER TABLE relay ADD COLUMN label TEXT NOT NULL DEFAULT '';
  ALTER TABLE relay ADD COLUMN status TEXT NOT NULL DEFAULT 'active';
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
  OAUTH_ENTRY_TABLE + EXTERNAL_SUBJECT_TABLE,
  `
  -- Of a second device that seems to dial with the relay's key; null where none does.
  ALTER TABLE relay ADD COLUMN clone_first_at INTEGER;
  ALTER TABLE relay ADD COLUMN clone_last_at INTEGER;
  -- JSON: parts of the addresses that were dialed from.
  ALTER TABLE relay ADD COLUMN clone_networks TEXT NOT NULL DEFAULT '[]';
  ALTER TABLE team ADD COLUMN on_clone TEXT NOT NULL DEFAULT 'alert';
  `,
  `
  CREATE TABLE rights (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    -- Raised by every change of what somebody may.
    version INTEGER NOT NULL,
    -- Changes up to here are not named any more.
    floor INTEGER NOT NULL
  );
  INSERT INTO rights VALUES (1, 1, 0);
  CREATE TABLE rights_change (
    -- A principal's or a credential's id.
    subject TEXT PRIMARY KEY,
    version INTEGER NOT NULL,
    at INTEGER NOT NULL
  );
  CREATE INDEX rights_change_version ON rights_change (version);
  -- Relay objects that decide without asking until then.
  CREATE TABLE lease (
    relay TEXT PRIMARY KEY,
    ends_at INTEGER NOT NULL
  );
  `,
  `
  -- What an entry is found by; the entry itself says it too.
  ALTER TABLE audit ADD COLUMN principal TEXT NOT NULL DEFAULT '';
  ALTER TABLE audit ADD COLUMN action TEXT NOT NULL DEFAULT '';
  -- The instance, or what was changed.
  ALTER TABLE audit ADD COLUMN target TEXT;
  ALTER TABLE audit ADD COLUMN outcome TEXT;
  UPDATE audit SET principal = json_extract(entry, '$.principal'), action = json_extract(entry, '$.action'),
    target = json_extract(entry, '$.instance'), outcome = json_extract(entry, '$.outcome');
  CREATE INDEX audit_principal ON audit (principal, seq);
  ALTER TABLE team ADD COLUMN retention_days INTEGER NOT NULL DEFAULT 90;
  `,
  `
  -- Of the log's last forgotten entry, so that the oldest one that is kept can be verified.
  CREATE TABLE audit_floor (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    seq INTEGER NOT NULL,
    hash TEXT NOT NULL
  );
  -- What an earlier release forgot is not known: there the oldest that it kept begins the chain.
  INSERT INTO audit_floor SELECT 1, seq, hash FROM audit WHERE seq > 1 ORDER BY seq LIMIT 1;
  DELETE FROM audit WHERE seq <= (SELECT seq FROM audit_floor);
  ALTER TABLE team ADD COLUMN audit_reads TEXT NOT NULL DEFAULT 'batched';
  -- Refusals of this minute.
  CREATE TABLE audit_fold (
    principal TEXT PRIMARY KEY,
    minute INTEGER NOT NULL,
    -- With a line of their own.
    noted INTEGER NOT NULL,
    -- Without one, and the last of them.
    times INTEGER NOT NULL,
    last TEXT
  );
  `,
  `
  -- As the relay's object told last: JSON.
  CREATE TABLE relay_presence (
    relay TEXT PRIMARY KEY,
    body TEXT NOT NULL
  );
  CREATE TABLE presence_event (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    event TEXT NOT NULL,
    data TEXT NOT NULL
  );
  `,
  `
  -- What metrics count, by kind: JSON.
  CREATE TABLE counts (
    kind TEXT PRIMARY KEY,
    body TEXT NOT NULL
  );
  `,
  `
  CREATE INDEX audit_action ON audit (action, seq);
  CREATE INDEX audit_outcome ON audit (outcome, seq);
  `,
  `
  -- Entries are looked through in their order, which is that of their times.
  DROP INDEX audit_at;
  `,
  `
  -- A member, or operator. Of an earlier release's nobody knows.
  ALTER TABLE join_token ADD COLUMN created_by TEXT NOT NULL DEFAULT '';
  `,
  `
  -- Of members and tokens that are gone, while the log has lines of theirs.
  CREATE TABLE former_principal (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    -- Null for a token.
    email TEXT,
    ended_at INTEGER NOT NULL
  );
  `,
  `
  -- Null unless an owner deleted the team and not all is erased yet.
  ALTER TABLE team ADD COLUMN ended_at INTEGER;
  `,
  `
  -- Relays that were revoked and whose objects have not deleted yet what they stored.
  CREATE TABLE former_relay (
    object_id TEXT PRIMARY KEY,
    revoked_at INTEGER NOT NULL
  );
  INSERT INTO former_relay SELECT object_id, 0 FROM relay WHERE status = 'revoked';
  `,
];
