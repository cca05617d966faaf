-- A second factor for signing in, and sessions that end when nobody uses them.

-- The secret of somebody's authenticator (RFC 6238, SHA-1, six digits, 30 seconds). Who has no row signs in by password.
CREATE TABLE hub_second_factor (
    person BLOB NOT NULL PRIMARY KEY REFERENCES hub_person (person) ON DELETE CASCADE,
    secret BLOB NOT NULL CHECK (length(secret) = 20),
    last_step INTEGER NOT NULL DEFAULT 0 -- of the last code that was taken: none is taken twice
) STRICT, WITHOUT ROWID;

-- Codes for the day that the authenticator is lost; each goes once.
CREATE TABLE hub_recovery_code (
    person BLOB NOT NULL REFERENCES hub_second_factor (person) ON DELETE CASCADE,
    code_hash BLOB NOT NULL CHECK (length(code_hash) = 32),
    PRIMARY KEY (person, code_hash)
) STRICT, WITHOUT ROWID;

ALTER TABLE hub_session ADD COLUMN seen_ms INTEGER NOT NULL DEFAULT 0;
