-- Attachments: what the log refers to, and recordings under way. schema.sql says why each is as it is.

CREATE TABLE blob (
  id BLOB PRIMARY KEY CHECK (length(id) = 32),
  scope INTEGER NOT NULL REFERENCES scope (no),
  size_bytes INTEGER NOT NULL,
  copied INTEGER NOT NULL DEFAULT 0 CHECK (copied IN (0, 1, 2))
) STRICT, WITHOUT ROWID;

CREATE TABLE blob_reference (
  blob BLOB NOT NULL REFERENCES blob (id),
  log INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  PRIMARY KEY (blob, log, seq),
  FOREIGN KEY (log, seq) REFERENCES entry (log, seq)
) STRICT, WITHOUT ROWID;

CREATE INDEX blob_by_entry ON blob_reference (log, seq);

CREATE TABLE blob_gone (
  id BLOB PRIMARY KEY CHECK (length(id) = 32)
) STRICT, WITHOUT ROWID;

CREATE TABLE recorded (
  entity BLOB NOT NULL CHECK (length(entity) = 16),
  path TEXT NOT NULL,
  actor BLOB NOT NULL CHECK (length(actor) = 16),
  no INTEGER NOT NULL,
  bytes BLOB NOT NULL,
  PRIMARY KEY (entity, path, actor, no)
) STRICT;
