-- Segments as they came, for whoever passes them on. schema.sql says why each is as it is.

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
