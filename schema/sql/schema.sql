-- The store: one device's log and its projection, one encrypted file. This is the whole schema as the migrations beside
-- it leave it, with the reasons; a test compares the two. Ids are 16 random bytes. Nothing is ever read by wall clock.

-- The device that the file belongs to. Its signing key is nowhere else.
CREATE TABLE own_device (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  device BLOB NOT NULL CHECK (length(device) = 16),
  signing_key BLOB NOT NULL CHECK (length(signing_key) = 32)
) STRICT;

-- Devices whose segments are taken in. `scopes` is a JSON array of scopes that the device may write in.
CREATE TABLE device (
  device BLOB PRIMARY KEY CHECK (length(device) = 16),
  public_key BLOB NOT NULL CHECK (length(public_key) = 32),
  person BLOB NOT NULL CHECK (length(person) = 16),
  scopes TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Scopes by number. `server_seq` is the last place given to a segment of the scope: given in the transaction that takes
-- the segment in, so that whoever reads up to a place has everything before it.
CREATE TABLE scope (
  no INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  server_seq INTEGER NOT NULL DEFAULT 0
) STRICT;

-- Logs by number: one per device and scope. `acknowledged`: the last entry that a hub has on its disk (own logs).
CREATE TABLE log (
  no INTEGER PRIMARY KEY,
  device BLOB NOT NULL CHECK (length(device) = 16),
  scope INTEGER NOT NULL REFERENCES scope (no),
  acknowledged INTEGER NOT NULL DEFAULT 0,
  UNIQUE (device, scope)
) STRICT;

-- Entities by number, where they live and what their first entry says that they are.
CREATE TABLE entity (
  no INTEGER PRIMARY KEY,
  id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
  scope INTEGER NOT NULL REFERENCES scope (no),
  kind INTEGER NOT NULL
) STRICT;

-- The log. `header` is never changed. `slots` holds the ops, each with the key of its commitment; erasing replaces an op
-- and its key by the commitment. `salt` is what the keys came from; it goes as soon as one op under it goes. `hash` is
-- the chain hash at the entry. Without a row id an append touches the last page of its log only.
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

-- What the fold remembers of each entry, without reading the entries.
CREATE INDEX entry_by_entity ON entry (entity, log, seq, lamport, judges, hash);

-- Signed runs of a log. The bytes that travel are put together from the entries, or stand in `packed`.
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

-- Segments in the bytes in which they came: who passes them on to many (a hub) need not put them together each time.
-- `follows`: they leave out what the entry before says. Content stands here a second time, so it goes with the first: no code
-- has to think of it.
CREATE TABLE packed (
  log INTEGER NOT NULL,
  last_seq INTEGER NOT NULL,
  follows INTEGER NOT NULL CHECK (follows IN (0, 1)),
  digest BLOB NOT NULL CHECK (length(digest) = 32),
  bytes BLOB NOT NULL,
  PRIMARY KEY (log, last_seq)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER packed_is_erased AFTER UPDATE OF slots, salt ON entry
BEGIN
  DELETE FROM packed WHERE log = OLD.log AND last_seq IN (
    SELECT last_seq FROM segment WHERE log = OLD.log AND last_seq >= OLD.seq AND first_seq <= OLD.seq);
END;

CREATE TRIGGER packed_goes AFTER DELETE ON segment
BEGIN
  DELETE FROM packed WHERE log = OLD.log AND last_seq = OLD.last_seq;
END;

-- Projection: the entries with a live value per path. Values are read from the entries.
CREATE TABLE live (
  entity INTEGER NOT NULL REFERENCES entity (no),
  path TEXT NOT NULL,
  log INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  PRIMARY KEY (entity, path, log, seq),
  FOREIGN KEY (log, seq) REFERENCES entry (log, seq)
) STRICT, WITHOUT ROWID;

-- Projection: the live additions to sets.
CREATE TABLE element (
  entity INTEGER NOT NULL REFERENCES entity (no),
  path TEXT NOT NULL,
  element TEXT NOT NULL,
  log INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  PRIMARY KEY (entity, path, element, log, seq),
  FOREIGN KEY (log, seq) REFERENCES entry (log, seq)
) STRICT, WITHOUT ROWID;

-- Projection: entries that are remembered for what they did. `part`: 1 judgement, 2 erasure, 3 waits for what it had seen.
CREATE TABLE remembered (
  entity INTEGER NOT NULL REFERENCES entity (no),
  part INTEGER NOT NULL,
  log INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  PRIMARY KEY (entity, part, log, seq),
  FOREIGN KEY (log, seq) REFERENCES entry (log, seq)
) STRICT, WITHOUT ROWID;

-- Projection: who wrote any of the entries that are folded.
CREATE TABLE contributor (
  entity INTEGER NOT NULL REFERENCES entity (no),
  person BLOB NOT NULL CHECK (length(person) = 16),
  PRIMARY KEY (entity, person)
) STRICT, WITHOUT ROWID;

-- What is being typed: durable, but not yet an entry. By the entity's id: a draft may come before its first entry.
CREATE TABLE draft (
  entity BLOB NOT NULL CHECK (length(entity) = 16),
  path TEXT NOT NULL,
  actor BLOB NOT NULL CHECK (length(actor) = 16),
  text TEXT NOT NULL,
  PRIMARY KEY (entity, path, actor)
) STRICT, WITHOUT ROWID;

-- Bytes that entries refer to: photos, recordings. By the hash of their ciphertext, which lies beside the database; their key
-- is in the entry alone. A blob belongs to the scope that named it first: who learns an id gains nothing by naming it
-- elsewhere. `copied`: 1 a hub has it, 2 the server has it.
CREATE TABLE blob (
  id BLOB PRIMARY KEY CHECK (length(id) = 32),
  scope INTEGER NOT NULL REFERENCES scope (no),
  size_bytes INTEGER NOT NULL,
  copied INTEGER NOT NULL DEFAULT 0 CHECK (copied IN (0, 1, 2))
) STRICT, WITHOUT ROWID;

-- The entries that refer to a blob. When the last one is erased, the blob goes.
CREATE TABLE blob_reference (
  blob BLOB NOT NULL REFERENCES blob (id),
  log INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  PRIMARY KEY (blob, log, seq),
  FOREIGN KEY (log, seq) REFERENCES entry (log, seq)
) STRICT, WITHOUT ROWID;

CREATE INDEX blob_by_entry ON blob_reference (log, seq);

-- Blobs whose ciphertext is to be removed: written with what erased them, taken away once the files are gone.
CREATE TABLE blob_gone (
  id BLOB PRIMARY KEY CHECK (length(id) = 32)
) STRICT, WITHOUT ROWID;

-- A recording under way, piece by piece, as drafts are for texts: a kill costs no more than the piece being filled. With a
-- row id: the pieces are large.
CREATE TABLE recorded (
  entity BLOB NOT NULL CHECK (length(entity) = 16),
  path TEXT NOT NULL,
  actor BLOB NOT NULL CHECK (length(actor) = 16),
  no INTEGER NOT NULL,
  bytes BLOB NOT NULL,
  PRIMARY KEY (entity, path, actor, no)
) STRICT;

-- Segments that were not taken in, for a person to look at. `device` is empty for those that nobody can be held to.
CREATE TABLE quarantine (
  digest BLOB PRIMARY KEY CHECK (length(digest) = 32),
  device BLOB NOT NULL,
  code TEXT NOT NULL,
  raw BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- Receipts: the server's word, signed, that it has a log up to an entry. The latest per log; `bytes` as they came, so that
-- they can be passed on. `epoch` and `server_ms` tell a server that was put back from a backup from the one before.
CREATE TABLE receipt (
  log INTEGER PRIMARY KEY REFERENCES log (no),
  seq INTEGER NOT NULL,
  epoch BLOB NOT NULL CHECK (length(epoch) = 16),
  server_ms INTEGER NOT NULL,
  bytes BLOB NOT NULL
) STRICT;

-- Everything that is erased for good, by an entry or by an order, in the order in which it became known here. By the
-- entity's id: an order may come before anything of the entity. `under` is empty for all of the entity.
CREATE TABLE erasure (
  no INTEGER PRIMARY KEY,
  entity BLOB NOT NULL CHECK (length(entity) = 16),
  under TEXT NOT NULL,
  reason INTEGER NOT NULL,
  UNIQUE (entity, under)
) STRICT;

-- Revoked devices: the last entry that counts per scope. A row with an empty scope stands for all others, with 0.
CREATE TABLE revoked (
  device BLOB NOT NULL CHECK (length(device) = 16),
  scope TEXT NOT NULL,
  last_seq INTEGER NOT NULL,
  PRIMARY KEY (device, scope)
) STRICT, WITHOUT ROWID;

-- Scopes that were taken away from this device. Their content goes once this device's own entries are safe; then
-- `own_seq` is where its own log ended, and nothing is written there before the log is back up to that place.
CREATE TABLE left_scope (
  scope INTEGER PRIMARY KEY REFERENCES scope (no),
  own_seq INTEGER
) STRICT;

-- Per scope the sum of the hashes of all that lives there (live, element): what two replicas compare. Kept up by every
-- change in its own transaction; a scope without a row is counted when it is first changed or asked for.
CREATE TABLE digest (
  scope INTEGER PRIMARY KEY REFERENCES scope (no),
  sum BLOB NOT NULL CHECK (length(sum) = 16)
) STRICT;

-- The last order of the server that this device has carried out.
CREATE TABLE orders_done (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  number INTEGER NOT NULL
) STRICT;

-- Settings of the app: a JSON value per key.
CREATE TABLE setting (
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Named documents, such as the pack in use.
CREATE TABLE document (
  name TEXT PRIMARY KEY,
  content BLOB NOT NULL
) STRICT;

-- Numbers of the migrations that are not the store's own: the tables that a hub keeps in the same file.
CREATE TABLE added_migration (
  version INTEGER PRIMARY KEY
) STRICT;
