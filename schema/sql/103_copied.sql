-- Where this file stands as a copy of a hub in PostgreSQL; without a row it is no copy.

CREATE TABLE hub_copied (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    generation BLOB NOT NULL, -- of the record there
    version INTEGER NOT NULL -- up to where all of it is here
) STRICT;
