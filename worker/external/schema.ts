/** People of an external issuer who came to a team by their own tokens. */
export const EXTERNAL_SUBJECT_TABLE = `
  CREATE TABLE external_subject (
    id TEXT PRIMARY KEY,
    subject TEXT NOT NULL,
    first_used_at INTEGER NOT NULL,
    last_used_day INTEGER NOT NULL,
    blocked_at INTEGER
  );
`;
