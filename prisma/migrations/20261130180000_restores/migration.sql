-- The restores of this database from backups. While one is not resumed, the database is held: no run, schedule, webhook or refresh of a
-- token moves. A role reads of it only whether that is so.
CREATE TABLE restore (
  restore_id uuid PRIMARY KEY,
  backup_id uuid NOT NULL,
  taken_at timestamptz(3) NOT NULL, -- the snapshot of the backup
  restored_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  resumed_at timestamptz(3)
);
GRANT SELECT, UPDATE (resumed_at) ON restore TO errand_system;
GRANT SELECT (resumed_at) ON restore TO errand_app;

-- When a run that was open in the backup was restored: the original may have continued it, and made its writes.
ALTER TABLE run ADD COLUMN restored_at timestamptz(3);
