-- Leases are few: one index finds those of a workspace, and by a look at all of them those of a worker pool.
DROP INDEX run_lease_idx;
DROP INDEX run_held_idx;
CREATE INDEX run_held_idx ON run (workspace_id, lease) WHERE lease IS NOT NULL;
