-- Plans that another plan replaced. A run has at most one for each replan and each look. Removed with its run, as execution_plan.
CREATE TABLE earlier_plan (
  workspace_id uuid NOT NULL,
  execution_plan_id uuid NOT NULL,
  version integer NOT NULL,
  plan json NOT NULL,
  made_by text NOT NULL,
  made_at timestamptz(3) NOT NULL,
  reason text,
  CONSTRAINT earlier_plan_pkey PRIMARY KEY (workspace_id, execution_plan_id, version)
);

-- Why the plan replaced the one before it.
ALTER TABLE execution_plan ADD COLUMN reason text;
