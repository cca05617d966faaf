-- What the hubs of one project hold together. PostgreSQL keeps it in order and on the disk; what it says is sealed with
-- the hub's key, so that neither the database nor its log nor its backups tell anything. Each hub process makes its own
-- readable copy of it.

-- What was written last of each thing: of a segment of the log, or of a row of one of the hub's tables.
CREATE TABLE kend.record (
    id bytea PRIMARY KEY, -- keyed hash of what it is of
    version bigint NOT NULL UNIQUE, -- given in the order of commits: whoever has read up to one has all before it
    content bytea NOT NULL -- sealed; bound to the id
);

-- Ciphertext can't be made smaller.
ALTER TABLE kend.record ALTER COLUMN content SET STORAGE EXTERNAL;

-- One row, locked by whoever writes.
CREATE TABLE kend.head (
    one integer PRIMARY KEY CHECK (one = 1),
    version bigint NOT NULL, -- of the last record
    generation bytea NOT NULL, -- drawn anew when a backup is put back: copies of before are thrown away
    proof bytea NOT NULL, -- sealed: tells whether somebody has the key
    store_schema integer NOT NULL, -- of the newest program that wrote
    hub_schema integer NOT NULL,
    erased bigint NOT NULL DEFAULT 0, -- version at which content was erased last
    cleared bigint NOT NULL DEFAULT 0 -- up to there the tables hold no trace of it
);
