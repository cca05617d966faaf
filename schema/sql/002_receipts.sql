-- Receipts of the server, erasures, revoked devices, scopes that were left, digests. schema.sql says why each is as it is.

CREATE TABLE receipt (
  log INTEGER PRIMARY KEY REFERENCES log (no),
  seq INTEGER NOT NULL,
  epoch BLOB NOT NULL CHECK (length(epoch) = 16),
  server_ms INTEGER NOT NULL,
  bytes BLOB NOT NULL
) STRICT;

CREATE TABLE erasure (
  no INTEGER PRIMARY KEY,
  entity BLOB NOT NULL CHECK (length(entity) = 16),
  under TEXT NOT NULL,
  reason INTEGER NOT NULL,
  UNIQUE (entity, under)
) STRICT;

CREATE TABLE revoked (
  device BLOB NOT NULL CHECK (length(device) = 16),
  scope TEXT NOT NULL,
  last_seq INTEGER NOT NULL,
  PRIMARY KEY (device, scope)
) STRICT, WITHOUT ROWID;

CREATE TABLE left_scope (
  scope INTEGER PRIMARY KEY REFERENCES scope (no),
  own_seq INTEGER
) STRICT;

CREATE TABLE digest (
  scope INTEGER PRIMARY KEY REFERENCES scope (no),
  sum BLOB NOT NULL CHECK (length(sum) = 16)
) STRICT;

CREATE TABLE orders_done (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  number INTEGER NOT NULL
) STRICT;
