-- Hubs above and below one another: which hub a device came by, and orders of the server on their way to devices that
-- only meet this hub.

-- The hub that made the device known here; none when it was enrolled here.
ALTER TABLE hub_device ADD COLUMN via BLOB CHECK (length(via) = 16);

-- Orders of the server to this hub's devices, as it signed them; kept until they are carried out.
CREATE TABLE hub_passed_order (
    device BLOB NOT NULL CHECK (length(device) = 16),
    number INTEGER NOT NULL, -- of the order, by the server's count
    signed BLOB NOT NULL, -- kend_sync::SignedOrder
    PRIMARY KEY (device, number)
) STRICT, WITHOUT ROWID;

-- How far these devices have carried them out.
CREATE TABLE hub_passed_done (
    device BLOB NOT NULL PRIMARY KEY CHECK (length(device) = 16),
    number INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
