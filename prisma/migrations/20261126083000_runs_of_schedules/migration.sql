-- The runs of a schedule, in the order of lists. Runs that no schedule has created are not in it.
CREATE INDEX run_schedule_idx ON run (workspace_id, schedule_id, run_id) WHERE schedule_id IS NOT NULL;
