-- Users whose data is being erased. Their runs are removed in batches, this row last.
CREATE TABLE user_erasure (
  workspace_id uuid NOT NULL,
  user_id text NOT NULL,
  requested_at timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
  through_id uuid NOT NULL, -- runs with a larger id are newer than the request, and stay
  schedule_ids uuid[] NOT NULL DEFAULT ARRAY[]::uuid[], -- the removed schedules, which may have created a run just now
  cancelling_since timestamptz(3) DEFAULT clock_timestamp(), -- until no run is open; nothing is removed before that
  cancelled integer NOT NULL DEFAULT 0,
  uncertain integer NOT NULL DEFAULT 0, -- writes of cancelled runs with an unknown outcome
  uncertain_calls jsonb NOT NULL DEFAULT '[]', -- the first 100 of them
  actions text[] NOT NULL DEFAULT ARRAY[]::text[], -- actions that were saved from runs of the user
  removed_runs integer NOT NULL DEFAULT 0,
  CONSTRAINT user_erasure_pkey PRIMARY KEY (workspace_id, user_id)
);

-- True: usage_day counts the run before usage_progress has reached it, because the run is about to be removed.
ALTER TABLE run ADD COLUMN usage_counted boolean;

-- The rows of a run that is removed.
CREATE INDEX idempotency_run_idx ON idempotency (workspace_id, run_id) WHERE run_id IS NOT NULL;
CREATE INDEX webhook_delivery_run_idx ON webhook_delivery (workspace_id, run_id) WHERE run_id IS NOT NULL;
-- Messages about connections and schedules, which are few.
CREATE INDEX webhook_delivery_other_idx ON webhook_delivery (workspace_id, webhook_id, delivery_id) WHERE run_id IS NULL;

-- A trial now stores the user of the credential next to the account. The user of an earlier trial is not known.
UPDATE integration_calls SET last_test = last_test - 'account' WHERE last_test ? 'account';
