-- A hub's own tables: the people and devices it knows, and what lets them in. Numbers from 100 are a hub's; the log and
-- its projection are below. Times are milliseconds since 1970 UTC by the hub's clock. Secrets stand here hashed only.

-- Everybody who records or reviews: enrolled with a device, or given an account for the browser.
CREATE TABLE hub_person (
    person BLOB NOT NULL PRIMARY KEY CHECK (length(person) = 16),
    name TEXT NOT NULL, -- chosen for their colleagues
    role TEXT NOT NULL -- kend_domain::Role
) STRICT, WITHOUT ROWID;

-- The areas that a person is responsible for.
CREATE TABLE hub_person_area (
    person BLOB NOT NULL REFERENCES hub_person (person) ON DELETE CASCADE,
    area TEXT NOT NULL, -- ISO 3166-2, or the country
    PRIMARY KEY (person, area)
) STRICT, WITHOUT ROWID;

-- Devices that were enrolled here. The hub itself is one: reviews made in a browser stand in its log.
CREATE TABLE hub_device (
    device BLOB NOT NULL PRIMARY KEY CHECK (length(device) = 16),
    public_key BLOB NOT NULL CHECK (length(public_key) = 32),
    revoked INTEGER NOT NULL DEFAULT 0 CHECK (revoked IN (0, 1)),
    enrolled_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Who uses which device, as the hub certified it.
CREATE TABLE hub_certificate (
    serial INTEGER PRIMARY KEY AUTOINCREMENT, -- never given twice
    device BLOB NOT NULL REFERENCES hub_device (device),
    person BLOB NOT NULL REFERENCES hub_person (person),
    certificate BLOB NOT NULL, -- kend_sync::SignedCertificate
    UNIQUE (device, person)
) STRICT;

-- One-time codes for enrolment. A code is a short public part, which finds the row, and a secret of 80 bits.
CREATE TABLE hub_code (
    public_part TEXT NOT NULL PRIMARY KEY,
    secret_hash BLOB NOT NULL CHECK (length(secret_hash) = 32),
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    areas TEXT NOT NULL, -- separated by commas
    expires_ms INTEGER NOT NULL,
    tries_left INTEGER NOT NULL,
    device BLOB, -- who used it: the same device may ask again, when the answer was lost
    person BLOB
) STRICT, WITHOUT ROWID;

-- Accounts for the browser.
CREATE TABLE hub_account (
    sign_in_name TEXT NOT NULL PRIMARY KEY, -- trimmed, lower case
    person BLOB NOT NULL UNIQUE REFERENCES hub_person (person) ON DELETE CASCADE,
    password_hash TEXT NOT NULL -- Argon2id, PHC string
) STRICT, WITHOUT ROWID;

-- People signed in at the moment.
CREATE TABLE hub_session (
    token_hash BLOB NOT NULL PRIMARY KEY CHECK (length(token_hash) = 32),
    person BLOB NOT NULL REFERENCES hub_person (person) ON DELETE CASCADE,
    expires_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- How far logs were set aside: what follows is kept aside too, or a device would offer it for ever.
CREATE TABLE hub_aside (
    device BLOB NOT NULL,
    scope TEXT NOT NULL,
    seq INTEGER NOT NULL,
    PRIMARY KEY (device, scope)
) STRICT, WITHOUT ROWID;
