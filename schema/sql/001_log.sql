-- The log, its projection, drafts, settings. schema.sql says why each is as it is.

CREATE TABLE own_device (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  device BLOB NOT NULL CHECK (length(device) = 16),
  signing_key BLOB NOT NULL CHECK (length(signing_key) = 32)
) STRICT;

CREATE TABLE device (
  device BLOB PRIMARY KEY CHECK (length(device) = 16),
  public_key BLOB NOT NULL CHECK (length(public_key) = 32),
  person BLOB NOT NULL CHECK (length(person) = 16),
  scopes TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE scope (
  no INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  server_seq INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE log (
  no INTEGER PRIMARY KEY,
  device BLOB NOT NULL CHECK (length(device) = 16),
  scope INTEGER NOT NULL REFERENCES scope (no),
  acknowledged INTEGER NOT NULL DEFAULT 0,
  UNIQUE (device, scope)
) STRICT;

CREATE TABLE entity (
  no INTEGER PRIMARY KEY,
  id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
  scope INTEGER NOT NULL REFERENCES scope (no),
  kind INTEGER NOT NULL
) STRICT;

CREATE TABLE entry (
  log INTEGER NOT NULL REFERENCES log (no),
  seq INTEGER NOT NULL,
  entity INTEGER NOT NULL REFERENCES entity (no),
  lamport INTEGER NOT NULL,
  judges INTEGER NOT NULL,
  header BLOB NOT NULL,
  salt BLOB CHECK (length(salt) = 16),
  slots BLOB NOT NULL,
  hash BLOB NOT NULL CHECK (length(hash) = 32),
  PRIMARY KEY (log, seq)
) STRICT, WITHOUT ROWID;

CREATE INDEX entry_by_entity ON entry (entity, log, seq, lamport, judges, hash);

CREATE TABLE segment (
  log INTEGER NOT NULL REFERENCES log (no),
  last_seq INTEGER NOT NULL,
  first_seq INTEGER NOT NULL,
  signature BLOB NOT NULL CHECK (length(signature) = 64),
  scope INTEGER NOT NULL REFERENCES scope (no),
  server_seq INTEGER NOT NULL,
  PRIMARY KEY (log, last_seq)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX segment_by_place ON segment (scope, server_seq);

CREATE TABLE live (
  entity INTEGER NOT NULL REFERENCES entity (no),
  path TEXT NOT NULL,
  log INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  PRIMARY KEY (entity, path, log, seq),
  FOREIGN KEY (log, seq) REFERENCES entry (log, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE element (
  entity INTEGER NOT NULL REFERENCES entity (no),
  path TEXT NOT NULL,
  element TEXT NOT NULL,
  log INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  PRIMARY KEY (entity, path, element, log, seq),
  FOREIGN KEY (log, seq) REFERENCES entry (log, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE remembered (
  entity INTEGER NOT NULL REFERENCES entity (no),
  part INTEGER NOT NULL,
  log INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  PRIMARY KEY (entity, part, log, seq),
  FOREIGN KEY (log, seq) REFERENCES entry (log, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE contributor (
  entity INTEGER NOT NULL REFERENCES entity (no),
  person BLOB NOT NULL CHECK (length(person) = 16),
  PRIMARY KEY (entity, person)
) STRICT, WITHOUT ROWID;

CREATE TABLE draft (
  entity BLOB NOT NULL CHECK (length(entity) = 16),
  path TEXT NOT NULL,
  actor BLOB NOT NULL CHECK (length(actor) = 16),
  text TEXT NOT NULL,
  PRIMARY KEY (entity, path, actor)
) STRICT, WITHOUT ROWID;

CREATE TABLE quarantine (
  digest BLOB PRIMARY KEY CHECK (length(digest) = 32),
  device BLOB NOT NULL,
  code TEXT NOT NULL,
  raw BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE setting (
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE document (
  name TEXT PRIMARY KEY,
  content BLOB NOT NULL
) STRICT;

CREATE TABLE added_migration (
  version INTEGER PRIMARY KEY
) STRICT;
