-- What the ended runs of a workspace came to, by the day (UTC) on which they ended: one row for each key of a kind. A periodic task adds
-- runs, each once. A day has a bounded number of keys of a kind; the rest is in the row with the key ''.
CREATE TABLE usage_day (
  workspace_id uuid NOT NULL,
  day date NOT NULL,
  kind text NOT NULL, -- status, integration, tool or user
  key text NOT NULL,
  runs bigint NOT NULL,
  succeeded bigint NOT NULL,
  failed bigint NOT NULL,
  calls bigint NOT NULL,
  call_errors bigint NOT NULL,
  tokens bigint NOT NULL,
  cost double precision, -- null: a price is not known, or currencies differ
  cost_currency text, -- null: no model with a price was asked
  times json NOT NULL, -- histograms of durations, by phase: packages/db/src/usage/sketch.ts
  CONSTRAINT usage_day_pkey PRIMARY KEY (workspace_id, day, kind, key),
  CONSTRAINT usage_day_kind_check CHECK (kind IN ('status', 'integration', 'tool', 'user'))
);
CREATE INDEX usage_day_day_idx ON usage_day (day);

-- How far ended runs are counted: all up to this one. Belongs to no workspace; one row.
CREATE TABLE usage_progress (
  only_row boolean NOT NULL DEFAULT true,
  through_at timestamptz(3) NOT NULL,
  through_id uuid NOT NULL,
  -- Once no transaction below seen_xid is under way, no run can still appear that ended before seen_at.
  seen_at timestamptz(3) NOT NULL,
  seen_xid text NOT NULL,
  CONSTRAINT usage_progress_pkey PRIMARY KEY (only_row),
  CONSTRAINT usage_progress_only_row_check CHECK (only_row)
);
INSERT INTO usage_progress (through_at, through_id, seen_at, seen_xid)
  VALUES ('epoch', '00000000-0000-0000-0000-000000000000', 'epoch', '0');
GRANT SELECT, UPDATE ON usage_progress TO errand_system;
