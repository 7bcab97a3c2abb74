-- Lists of the runs of a principal. A claim does not write this index: run_held_idx has the runs with a lease, which are few.
DROP INDEX run_requester_idx;
CREATE INDEX run_requester_idx ON run (workspace_id, requested_by, run_id) WHERE requested_by IS NOT NULL AND lease IS NULL;

-- Lists of the runs that called a tool: one call of each run and tool is enough.
DROP INDEX ledger_tool_idx;
ALTER TABLE ledger ADD COLUMN first_of_tool boolean NOT NULL DEFAULT true; -- false: the run called the tool before
CREATE INDEX ledger_tool_idx ON ledger (workspace_id, tool, run_id) WHERE kind = 'tool' AND taken_from IS NULL AND first_of_tool;
