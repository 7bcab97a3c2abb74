-- Since when a suspended workspace is being deleted. Its rows are removed in batches, its own row last.
ALTER TABLE workspace ADD COLUMN deleting_at timestamptz(3),
  ADD CONSTRAINT workspace_deleting_check CHECK (deleting_at IS NULL OR suspended_at IS NOT NULL);
CREATE INDEX workspace_deleting_idx ON workspace (deleting_at) WHERE deleting_at IS NOT NULL;
