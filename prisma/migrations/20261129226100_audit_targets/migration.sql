-- The audit log is read by target, and by run.
CREATE INDEX audit_workspace_id_target_audit_id_idx ON audit (workspace_id, target, audit_id);
CREATE INDEX audit_run_idx ON audit (workspace_id, (details->>'runId'), audit_id) WHERE details->>'runId' IS NOT NULL;
