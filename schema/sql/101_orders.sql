-- Orders of the server to devices: kept until carried out, and after that as the record of it. A hub that is not the
-- server makes none.

CREATE TABLE hub_order (
    device BLOB NOT NULL REFERENCES hub_device (device),
    number INTEGER NOT NULL, -- from 1 without a gap, per device
    kind TEXT NOT NULL, -- kend_sync::Deed::word
    entity BLOB CHECK (length(entity) = 16), -- of an erasure
    deed BLOB NOT NULL, -- kend_sync::Deed; signed when it is sent
    made_ms INTEGER NOT NULL,
    sent_ms INTEGER, -- first sent to the device
    done_ms INTEGER, -- the device said that it was carried out
    PRIMARY KEY (device, number)
) STRICT, WITHOUT ROWID;

CREATE INDEX hub_order_open ON hub_order (kind, device) WHERE done_ms IS NULL;

-- Up to which of the store's erasures orders were made.
CREATE TABLE hub_erasures_ordered (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    no INTEGER NOT NULL
) STRICT;

-- The number that a device's orders go on from: what it had done when this hub was put back from a backup. Null until the
-- device has said that.
CREATE TABLE hub_order_floor (
    device BLOB NOT NULL PRIMARY KEY REFERENCES hub_device (device),
    number INTEGER
) STRICT, WITHOUT ROWID;
