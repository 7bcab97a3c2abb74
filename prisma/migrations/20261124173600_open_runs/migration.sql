-- Runs that somebody must be advancing: the sweeper looks here for those that nobody does.
CREATE INDEX "run_open_idx" ON "run" ("run_id") WHERE "status" IN ('QUEUED', 'RUNNING');
