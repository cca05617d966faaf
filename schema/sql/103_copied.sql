-- Where this file stands as a copy of a hub in PostgreSQL; without a row it is no copy.

CREATE TABLE hub_copied (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    generation BLOB NOT NULL, -- of the record there
    version INTEGER NOT NULL, -- up to where all of it is here
    put_back INTEGER NOT NULL DEFAULT 0 CHECK (put_back IN (0, 1)) -- it has less than before, and no epoch began since
) STRICT;
