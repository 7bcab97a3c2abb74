-- Schedules create runs at times of a cron expression; a run may also be created to start later.

CREATE TABLE schedule (
  workspace_id uuid NOT NULL,
  schedule_id uuid NOT NULL,
  name text NOT NULL,
  cron text NOT NULL,
  time_zone text NOT NULL,
  run jsonb NOT NULL, -- what it creates, in the form of the API
  overlap text NOT NULL,
  active boolean NOT NULL DEFAULT true,
  paused_because text, -- why Errand paused it
  next_at timestamptz(3), -- the next time that is due; null while it is not active
  last jsonb, -- what became of the last one, in the form of the API
  made_by uuid NOT NULL, -- the principal as which its runs act: the first key of a chain of rotations
  created_by text NOT NULL, -- the same, as people are told
  created_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  updated_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT schedule_pkey PRIMARY KEY (workspace_id, schedule_id),
  CONSTRAINT schedule_overlap_check CHECK (overlap IN ('skip', 'queue')),
  CONSTRAINT schedule_paused_check CHECK (paused_because IN ('key_revoked')),
  CONSTRAINT schedule_next_check CHECK (active OR next_at IS NULL),
  CONSTRAINT schedule_workspace_id_fkey FOREIGN KEY (workspace_id)
    REFERENCES workspace (workspace_id) ON UPDATE CASCADE ON DELETE CASCADE
);
CREATE INDEX schedule_next_at_idx ON schedule (next_at) WHERE next_at IS NOT NULL;

-- Which schedule created a run, and for which time; no time when somebody asked for it.
ALTER TABLE run ADD COLUMN schedule_id uuid, ADD COLUMN scheduled_for timestamptz(3);
-- A time of a schedule has one run, however many processes create it.
CREATE UNIQUE INDEX run_scheduled_idx ON run (workspace_id, schedule_id, scheduled_for) WHERE scheduled_for IS NOT NULL;
