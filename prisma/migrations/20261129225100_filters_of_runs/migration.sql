-- Lists of the runs of an action, of the reruns of a run, and of the runs of a principal. None of these columns changes.
CREATE INDEX run_action_idx ON run (workspace_id, action_key, run_id) WHERE action_key IS NOT NULL;
CREATE INDEX run_rerun_idx ON run (workspace_id, rerun_of, run_id) WHERE rerun_of IS NOT NULL;
CREATE INDEX run_requester_idx ON run (workspace_id, requested_by, run_id) WHERE requested_by IS NOT NULL;

-- Lists of the runs that called a tool. Calls of an earlier run that a rerun copied do not count.
CREATE INDEX ledger_tool_idx ON ledger (workspace_id, tool, run_id) WHERE kind = 'tool' AND taken_from IS NULL;

-- Lists of the runs with an effect that no one has resolved: the request is open, or was void when the run ended.
CREATE INDEX decision_request_uncertain_idx ON decision_request (workspace_id, run_id)
  WHERE kind = 'effect' AND (decided_at IS NULL OR decision = 'void');
