-- Actions: a plan that is kept under a key and run with an input.
CREATE TABLE action (
  workspace_id uuid NOT NULL,
  key text NOT NULL,
  run_id uuid NOT NULL, -- the run that was kept; it may be gone
  intent text NOT NULL,
  context text NOT NULL,
  selected text[] NOT NULL,
  approval_strategy text NOT NULL,
  budget jsonb NOT NULL,
  output_schema json,
  input_schema json, -- json keeps the order of its properties
  default_mapping boolean NOT NULL, -- whether input_schema is the one that was made from the plan
  found json NOT NULL, -- values of the plan that are or may be inputs, with their schemas
  source json NOT NULL, -- the plan as its run had it, with the fingerprints of its tools
  plan json NOT NULL, -- the same with bindings on `input`
  calls text[] NOT NULL, -- ids of the integrations that it calls
  planned_at timestamptz(3) NOT NULL, -- when the run was created: integrations that were registered later are others
  made_by text NOT NULL, -- who made it or changed it last, as <kind>:<id>
  made_by_label text NOT NULL, -- the same, as people are told
  created_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  updated_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT action_pkey PRIMARY KEY (workspace_id, key),
  CONSTRAINT action_workspace_id_fkey FOREIGN KEY (workspace_id) REFERENCES workspace (workspace_id) ON UPDATE CASCADE ON DELETE CASCADE
);
-- The action that a run is of.
ALTER TABLE run ADD COLUMN action_key text;
