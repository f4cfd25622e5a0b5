-- Posts, their history, and where they go. Times are milliseconds since 1970-01-01T00:00:00Z.

-- A post. Columns after `deleted_at` are drawn from the newest revision and from the facts of its originals, so that the
-- list of all posts is one scan of one index (post_list) and a card is one row, whatever the size of the text.
CREATE TABLE post (
  key INTEGER PRIMARY KEY,
  id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
  head BLOB NOT NULL REFERENCES revision (id) DEFERRABLE INITIALLY DEFERRED,
  versions INTEGER NOT NULL CHECK (versions > 0),
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  deleted_at INTEGER,
  bin INTEGER NOT NULL DEFAULT 0 CHECK (bin = (deleted_at IS NOT NULL)),
  at INTEGER NOT NULL,
  zone TEXT NOT NULL,
  zh_title INTEGER NOT NULL,
  other_title INTEGER NOT NULL,
  excerpt INTEGER NOT NULL CHECK (excerpt BETWEEN 0 AND 255),
  attachments INTEGER NOT NULL,
  card TEXT NOT NULL CHECK (json_valid(card)),
  cover BLOB,
  aspect INTEGER NOT NULL DEFAULT 0,
  photos INTEGER NOT NULL DEFAULT 0,
  clips INTEGER NOT NULL DEFAULT 0,
  sent INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE INDEX post_list ON post (bin, at DESC, id DESC, aspect, zh_title, other_title, excerpt, photos, clips, sent);

-- Without it, SQLite looks through all posts for each new revision: a post refers to its newest one before it is there.
CREATE INDEX post_head ON post (head);

-- An immutable full version of a post. Only the open one (sealed = 0) of a post may still change.
CREATE TABLE revision (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  post BLOB NOT NULL REFERENCES post (id) DEFERRABLE INITIALLY DEFERRED,
  seq INTEGER NOT NULL,
  origin TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  version INTEGER NOT NULL CHECK (version > 0),
  sealed INTEGER NOT NULL CHECK (sealed IN (0, 1)),
  attachments INTEGER NOT NULL,
  titles TEXT NOT NULL CHECK (json_valid(titles)),
  digest BLOB NOT NULL CHECK (length(digest) = 32),
  content TEXT NOT NULL,
  UNIQUE (post, seq)
) STRICT;

CREATE TABLE revision_parent (
  revision BLOB NOT NULL REFERENCES revision (id) DEFERRABLE INITIALLY DEFERRED,
  position INTEGER NOT NULL,
  parent BLOB NOT NULL REFERENCES revision (id),
  PRIMARY KEY (revision, position)
) STRICT, WITHOUT ROWID;

CREATE INDEX revision_child ON revision_parent (parent);

CREATE TRIGGER revision_is_immutable BEFORE UPDATE OF id, post, seq, created_at, content, digest ON revision
WHEN OLD.sealed = 1 BEGIN SELECT raise(ABORT, 'a sealed revision does not change'); END;

CREATE TRIGGER revision_stays_sealed BEFORE UPDATE OF sealed ON revision
WHEN OLD.sealed = 1 AND NEW.sealed = 0 BEGIN SELECT raise(ABORT, 'a sealed revision is not opened again'); END;

CREATE TRIGGER revision_is_kept BEFORE DELETE ON revision
BEGIN SELECT raise(ABORT, 'history is kept'); END;

-- Drawn from each post's newest revision.
CREATE TABLE attachment (
  post INTEGER NOT NULL REFERENCES post (key),
  position INTEGER NOT NULL,
  asset BLOB NOT NULL CHECK (length(asset) = 32),
  cover INTEGER NOT NULL CHECK (cover IN (0, 1)),
  PRIMARY KEY (post, position)
) STRICT, WITHOUT ROWID;

CREATE INDEX attachment_asset ON attachment (asset, post);

CREATE TABLE topic (
  post INTEGER NOT NULL REFERENCES post (key),
  topic TEXT NOT NULL,
  PRIMARY KEY (post, topic)
) STRICT, WITHOUT ROWID;

CREATE INDEX topic_posts ON topic (topic, post);

CREATE TABLE side (
  post INTEGER NOT NULL REFERENCES post (key),
  lang TEXT NOT NULL,
  PRIMARY KEY (post, lang)
) STRICT, WITHOUT ROWID;

CREATE TABLE search (
  post INTEGER PRIMARY KEY REFERENCES post (key),
  text TEXT NOT NULL
) STRICT;

-- The facts of an original; its bytes are in media.db. An attachment may name an asset that has no row here: text is never
-- refused because of a missing picture, the check names such an asset instead.
CREATE TABLE asset (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 32),
  kind TEXT NOT NULL,
  mime TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  width INTEGER,
  height INTEGER,
  duration_ms INTEGER,
  codec TEXT,
  colour INTEGER,
  taken_at INTEGER,
  taken_zone TEXT,
  lat REAL,
  lon REAL,
  problem TEXT,
  has_picture INTEGER NOT NULL CHECK (has_picture IN (0, 1)),
  CHECK ((taken_at IS NULL) = (taken_zone IS NULL)),
  CHECK ((lat IS NULL) = (lon IS NULL))
) STRICT, WITHOUT ROWID;

-- A destination that the user set up.
CREATE TABLE feed (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  place TEXT NOT NULL,
  enabled INTEGER NOT NULL CHECK (enabled IN (0, 1)),
  options TEXT NOT NULL CHECK (json_valid(options)),
  health TEXT NOT NULL,
  seen_at INTEGER,
  account TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(account)),
  facts TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(facts)),
  cursor TEXT,
  pulled_at INTEGER,
  held_back INTEGER NOT NULL DEFAULT 0,
  position INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- One post at one feed. `owner` is working on it until `lease_until`; nobody else takes it before.
CREATE TABLE delivery (
  post BLOB NOT NULL REFERENCES post (id),
  feed BLOB NOT NULL REFERENCES feed (id) ON DELETE CASCADE,
  wanted TEXT NOT NULL CHECK (wanted IN ('off', 'draft', 'published', 'withdrawn')),
  target BLOB NOT NULL REFERENCES revision (id),
  manner TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(manner)),
  state TEXT NOT NULL,
  done INTEGER,
  total INTEGER,
  bytes INTEGER,
  total_bytes INTEGER,
  reason TEXT,
  receipt TEXT CHECK (receipt IS NULL OR json_valid(receipt)),
  there TEXT CHECK (there IS NULL OR json_valid(there)),
  sent_as TEXT CHECK (sent_as IS NULL OR json_valid(sent_as)),
  unanswered TEXT,
  asset BLOB,
  reached TEXT CHECK (reached IS NULL OR json_valid(reached)),
  recent TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(recent)),
  attempts INTEGER NOT NULL,
  rebuffs INTEGER NOT NULL,
  losses INTEGER NOT NULL,
  arrived INTEGER NOT NULL,
  next_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  owner TEXT,
  lease_until INTEGER,
  PRIMARY KEY (post, feed),
  CHECK ((state = 'uploading') = (done IS NOT NULL AND total IS NOT NULL)),
  CHECK ((done IS NULL) = (bytes IS NULL) AND (done IS NULL) = (total_bytes IS NULL)),
  CHECK ((state = 'needs_you') = (reason IS NOT NULL)),
  CHECK (asset IS NULL OR state = 'needs_you'),
  CHECK ((owner IS NULL) = (lease_until IS NULL))
) STRICT, WITHOUT ROWID;

CREATE INDEX delivery_feed ON delivery (feed);
CREATE INDEX delivery_target ON delivery (target);
-- One feed's outbox in its order, counted without reading the deliveries themselves.
CREATE INDEX delivery_pending ON delivery (feed, updated_at, post, state) WHERE state NOT IN ('idle', 'synced');
CREATE INDEX delivery_signed_out ON delivery (feed) WHERE reason = 'signed_out';
CREATE INDEX delivery_held ON delivery (owner) WHERE owner IS NOT NULL;

-- A delivery as the program reads it: its state as one value.
CREATE VIEW delivery_row AS
SELECT post, feed, wanted, target, manner, state, receipt, there, sent_as, unanswered, asset, reached, recent, attempts, rebuffs, losses, arrived,
  next_at, updated_at, owner, lease_until,
  CASE state
    WHEN 'uploading' THEN json_object('state', state, 'done', done, 'total', total, 'bytes', bytes, 'total_bytes', total_bytes)
    WHEN 'needs_you' THEN json_object('state', state, 'reason', reason)
    ELSE json_object('state', state)
  END AS state_json
FROM delivery;

-- What the adapter of a feed wrote down about a post there: ids of uploaded files, idempotency keys. Kept when a delivery ends,
-- so that nothing is uploaded twice.
CREATE TABLE delivery_note (
  post BLOB NOT NULL REFERENCES post (id),
  feed BLOB NOT NULL REFERENCES feed (id) ON DELETE CASCADE,
  key TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (post, feed, key)
) STRICT, WITHOUT ROWID;

CREATE INDEX delivery_note_feed ON delivery_note (feed);

-- What lay at a feed when it was removed, by where that was and who we were there, in case the same is added again.
CREATE TABLE parted (
  kind TEXT NOT NULL,
  place TEXT NOT NULL,
  user TEXT NOT NULL,
  account TEXT NOT NULL,
  post BLOB NOT NULL REFERENCES post (id),
  kept TEXT NOT NULL CHECK (json_valid(kept)),
  PRIMARY KEY (kind, place, user, account, post)
) STRICT, WITHOUT ROWID;

CREATE INDEX parted_post ON parted (post);

-- A post that was changed here and at a feed, until the user brought both together. `theirs` is a revision that came from the
-- feed and was made from `base`, the last one both sides agreed on; it was changed there at `changed_at` at the earliest, by our clock.
CREATE TABLE conflict (
  post BLOB NOT NULL,
  feed BLOB NOT NULL,
  base BLOB NOT NULL REFERENCES revision (id),
  theirs BLOB NOT NULL REFERENCES revision (id),
  changed_at INTEGER NOT NULL,
  PRIMARY KEY (post, feed),
  FOREIGN KEY (post, feed) REFERENCES delivery (post, feed) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE INDEX conflict_base ON conflict (base);
CREATE INDEX conflict_theirs ON conflict (theirs);

-- Whatever writes a delivery, what it targets is sealed and the post's list row knows whether it ever went anywhere.
CREATE TRIGGER delivery_made AFTER INSERT ON delivery BEGIN
  UPDATE revision SET sealed = 1 WHERE id = NEW.target AND sealed = 0;
  UPDATE post SET sent = NOT sent WHERE id = NEW.post AND sent <> EXISTS (
    SELECT 1 FROM delivery AS d WHERE d.post = NEW.post
      AND (d.wanted IN ('draft', 'published') OR d.receipt ->> '$.known' IN ('draft', 'published')));
END;

CREATE TRIGGER delivery_changed AFTER UPDATE OF wanted, target, receipt ON delivery
WHEN NEW.wanted <> OLD.wanted OR NEW.target <> OLD.target OR NEW.receipt IS NOT OLD.receipt BEGIN
  UPDATE revision SET sealed = 1 WHERE id = NEW.target AND sealed = 0;
  UPDATE post SET sent = NOT sent WHERE id = NEW.post AND sent <> EXISTS (
    SELECT 1 FROM delivery AS d WHERE d.post = NEW.post
      AND (d.wanted IN ('draft', 'published') OR d.receipt ->> '$.known' IN ('draft', 'published')));
END;

CREATE TRIGGER delivery_gone AFTER DELETE ON delivery BEGIN
  UPDATE post SET sent = NOT sent WHERE id = OLD.post AND sent <> EXISTS (
    SELECT 1 FROM delivery AS d WHERE d.post = OLD.post
      AND (d.wanted IN ('draft', 'published') OR d.receipt ->> '$.known' IN ('draft', 'published')));
END;

CREATE TABLE setting (
  key TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL CHECK (json_valid(value))
) STRICT, WITHOUT ROWID;

-- What tells two journals apart, and the feed that needs nothing: a folder, switched off until the user chooses a place.
-- Both names are random UUIDs of version 4 (RFC 9562 section 5.4).
INSERT INTO setting (key, value)
VALUES ('journal_id', json_quote(lower(hex(randomblob(16)))));

INSERT INTO feed (id, kind, name, place, enabled, options, health, seen_at, position)
SELECT unhex(substr(r, 1, 12) || '4' || substr(r, 14, 3) || '8' || substr(r, 18)), 'folder', '', '', 0, '{}', 'unknown', NULL, 0
FROM (SELECT hex(randomblob(16)) AS r);
