-- Attachments at a hub: which are whole in the object store, and which are coming in.

-- Whole: every byte was hashed before the row was written.
CREATE TABLE hub_blob (
    blob BLOB NOT NULL PRIMARY KEY CHECK (length(blob) = 32),
    size_bytes INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Coming in, into a file of its own beside the store. Bytes beyond `received_bytes` in that file are not on the disk for
-- sure, and are not counted on. One that nobody touched for long goes.
CREATE TABLE hub_upload (
    blob BLOB NOT NULL PRIMARY KEY CHECK (length(blob) = 32),
    device BLOB NOT NULL CHECK (length(device) = 16),
    size_bytes INTEGER NOT NULL,
    received_bytes INTEGER NOT NULL DEFAULT 0,
    touched_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX hub_upload_by_device ON hub_upload (device);
