-- Limits of a workspace, which operators of the instance and the platform set. Null: the default of the instance.
ALTER TABLE workspace
  ADD COLUMN max_requests_per_minute int,
  ADD COLUMN max_runs int,
  ADD COLUMN max_streams int,
  ADD COLUMN max_integrations int,
  ADD COLUMN settings_changed_at timestamptz(3), -- the last change of a limit or of suspended_at, which processes look for
  ADD CONSTRAINT workspace_limits_check CHECK (
    max_requests_per_minute > 0 AND max_runs > 0 AND max_streams > 0 AND max_integrations >= 0);
UPDATE workspace SET settings_changed_at = now() WHERE suspended_at IS NOT NULL;
CREATE INDEX workspace_settings_idx ON workspace (settings_changed_at) WHERE settings_changed_at IS NOT NULL;

-- Both tables also have rows for the workspace as a whole: api_key_id is the id of the workspace then.
ALTER TABLE stream_lease DROP CONSTRAINT stream_lease_workspace_id_api_key_id_fkey;
ALTER TABLE request_quota DROP CONSTRAINT request_quota_workspace_id_api_key_id_fkey;

-- How many more runs of a workspace with a limit may be claimed; 0 while another claim counts them. The count has a snapshot that is
-- taken after the lock, so claims of several processes never exceed the limit together. Workspaces without a limit do not call it.
CREATE SCHEMA errand_queue;
GRANT USAGE ON SCHEMA errand_queue TO errand_system;
CREATE FUNCTION errand_queue.free_slots("workspace" uuid, "limit" int) RETURNS int
LANGUAGE plpgsql VOLATILE SET search_path = public, pg_temp AS $$
BEGIN
  IF NOT pg_try_advisory_xact_lock(hashtextextended('errand.run_slots:' || "workspace"::text, 0)) THEN RETURN 0; END IF;
  RETURN "limit" - (SELECT count(*) FROM run r WHERE r.workspace_id = "workspace" AND r.lease IS NOT NULL)::int;
END
$$;
