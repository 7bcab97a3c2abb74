-- The calls of the current window, by the parts of the window in which they were granted. Earlier counts end with the upgrade.
ALTER TABLE call_quota
  ADD COLUMN starts bigint[] NOT NULL DEFAULT '{}',
  ADD COLUMN calls integer[] NOT NULL DEFAULT '{}';
