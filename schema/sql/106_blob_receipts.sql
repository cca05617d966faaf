-- Receipts of the server above for attachments that this hub handed on, as it signed them: for this hub's devices.

CREATE TABLE hub_blob_receipt (
    blob BLOB NOT NULL PRIMARY KEY CHECK (length(blob) = 32),
    signed BLOB NOT NULL -- kend_sync::SignedBlobReceipt
) STRICT, WITHOUT ROWID;
