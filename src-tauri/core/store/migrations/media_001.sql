-- Originals, cut into chunks, and the pictures derived from them.

-- An original. It is complete once it has its hash; one without belongs to an import that is going on or was killed.
CREATE TABLE original (
  key INTEGER PRIMARY KEY,
  hash BLOB UNIQUE CHECK (length(hash) = 32),
  bytes INTEGER NOT NULL,
  chunk_bytes INTEGER NOT NULL CHECK (chunk_bytes > 0)
) STRICT;

CREATE INDEX original_incomplete ON original (key) WHERE hash IS NULL;

-- Chunk number n of an original has the id key * 65536 + n, so that one original lies together and no other index is written.
CREATE TABLE chunk (
  id INTEGER PRIMARY KEY,
  data BLOB NOT NULL
) STRICT;

-- Pictures derived from an original; they can be made again at any time.
CREATE TABLE rendition (
  hash BLOB NOT NULL REFERENCES original (hash),
  kind TEXT NOT NULL,
  mime TEXT NOT NULL,
  width INTEGER NOT NULL,
  height INTEGER NOT NULL,
  data BLOB NOT NULL,
  UNIQUE (hash, kind)
) STRICT;
