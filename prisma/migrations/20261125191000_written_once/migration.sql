-- What never changes is written once, and what changes stands together behind it: Postgres logs a new version of a row from the first
-- byte that differs to the last one. docs/decisions/2026-11-25-what-a-run-writes.md has the figures.

-- Where to look for runs of an integration: rows that are written once, not an index that each version of a run is written to.
CREATE TABLE "run_integration" (
    "workspace_id" UUID NOT NULL,
    "customer_integration_id" TEXT NOT NULL,
    "run_id" UUID NOT NULL,

    CONSTRAINT "run_integration_pkey" PRIMARY KEY ("workspace_id","customer_integration_id","run_id")
);
INSERT INTO "run_integration" SELECT DISTINCT "workspace_id", unnest("integrations"), "run_id" FROM "run";
DROP INDEX "run_integrations_idx";

-- A run without a key of its caller has none: its id is its key.
DROP INDEX "run_workspace_id_repeat_key_run_id_idx";
ALTER TABLE "run" ALTER COLUMN "repeat_key" DROP NOT NULL;

-- A plan is found by its own id, and removed with its run, as events and ledger are: no foreign key looks its run up and locks it.
ALTER TABLE "execution_plan" DROP CONSTRAINT "execution_plan_workspace_id_run_id_fkey";
DROP INDEX "execution_plan_workspace_id_run_id_idx";
ALTER TABLE "execution_plan" ALTER COLUMN "plan" TYPE JSON USING "plan"::json;
ALTER TABLE "ledger" ALTER COLUMN "args_sha256" TYPE BYTEA USING decode("args_sha256", 'hex');

-- By hand from here on. -----------------------------------------------------------------------------------------

CREATE INDEX "run_repeat_key_idx" ON "run" ("workspace_id", "repeat_key", "run_id") WHERE "repeat_key" IS NOT NULL;

-- In this order: what a claim, a rest and an end change, then what each step changes.
ALTER TABLE "run"
  ADD COLUMN "_lease" TEXT,
  ADD COLUMN "_not_before" TIMESTAMPTZ(3),
  ADD COLUMN "_started_at" TIMESTAMPTZ(3),
  ADD COLUMN "_ended_at" TIMESTAMPTZ(3),
  ADD COLUMN "_deaths" SMALLINT NOT NULL DEFAULT 0,
  ADD COLUMN "_due" SMALLINT NOT NULL DEFAULT 1,
  ADD COLUMN "_epoch" INTEGER NOT NULL DEFAULT 0,
  ADD COLUMN "_status" TEXT NOT NULL DEFAULT 'QUEUED',
  ADD COLUMN "_error" JSONB,
  ADD COLUMN "_result" JSON,
  ADD COLUMN "_updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  ADD COLUMN "_seq" INTEGER NOT NULL DEFAULT 0,
  ADD COLUMN "_steps" INTEGER NOT NULL DEFAULT 0,
  ADD COLUMN "_tool_calls" INTEGER NOT NULL DEFAULT 0,
  ADD COLUMN "_active_ms" INTEGER NOT NULL DEFAULT 0,
  ADD COLUMN "_input_tokens" INTEGER NOT NULL DEFAULT 0,
  ADD COLUMN "_output_tokens" INTEGER NOT NULL DEFAULT 0;
UPDATE "run" SET "_lease" = "lease", "_not_before" = "not_before", "_started_at" = "started_at", "_ended_at" = "ended_at",
  "_deaths" = "deaths", "_due" = "due", "_epoch" = "epoch", "_status" = "status", "_error" = "error", "_result" = "result",
  "_updated_at" = "updated_at", "_seq" = "seq", "_steps" = "steps", "_tool_calls" = "tool_calls", "_active_ms" = "active_ms",
  "_input_tokens" = "input_tokens", "_output_tokens" = "output_tokens";
-- Their constraints and indexes go with them.
ALTER TABLE "run" DROP COLUMN "result_bytes";
DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['lease', 'not_before', 'started_at', 'ended_at', 'deaths', 'due', 'epoch', 'status', 'error', 'result',
    'updated_at', 'seq', 'steps', 'tool_calls', 'active_ms', 'input_tokens', 'output_tokens'] LOOP
    EXECUTE format('ALTER TABLE "run" DROP COLUMN %I', name);
    EXECUTE format('ALTER TABLE "run" RENAME COLUMN %I TO %I', '_' || name, name);
  END LOOP;
END
$$;
ALTER TABLE "run" ADD COLUMN "result_bytes" INTEGER GENERATED ALWAYS AS (octet_length("result"::text)) STORED;

ALTER TABLE "run" ADD CONSTRAINT "run_status_check" CHECK ("status" IN
  ('QUEUED', 'RUNNING', 'AUTH_REQUIRED', 'PAUSED', 'SUCCESS', 'PARTIAL_SUCCESS', 'NO_SUCCESS', 'FAILED', 'CANCELED'));
-- A run that nobody would ever take up, and one that comes back after its end, cannot be stored. These columns are written by
-- claimRuns, giveBack, takeAnswers, tickRuns, freeLeases, takeBack, decideWaiting and applyTransition(s) in packages/db/src/runs.
ALTER TABLE "run" ADD CONSTRAINT "run_due_check" CHECK (CASE
  WHEN "status" IN ('SUCCESS', 'PARTIAL_SUCCESS', 'NO_SUCCESS', 'FAILED', 'CANCELED')
    THEN "due" = 0 AND "lease" IS NULL AND "not_before" IS NULL
  WHEN "status" IN ('PAUSED', 'AUTH_REQUIRED') THEN "due" = 0 AND "lease" IS NULL AND "not_before" IS NOT NULL
  ELSE "due" > 0 OR "lease" IS NOT NULL OR "not_before" IS NOT NULL END);

CREATE INDEX "run_workspace_id_status_run_id_idx" ON "run" ("workspace_id", "status", "run_id");
CREATE INDEX "run_repeat_idx" ON "run" ("workspace_id", "repeat_key", "signature", hashtextextended("context", 0), "run_id")
  WHERE "status" = 'SUCCESS' AND "repeat_key" IS NOT NULL;
CREATE INDEX "run_ended_idx" ON "run" ("ended_at", "run_id") WHERE "ended_at" IS NOT NULL;
-- Columns of these predicates change only when a run is created, claimed, woken, rests or ends: steps write the row in place.
CREATE INDEX "run_due_idx" ON "run" ("workspace_id", "due" DESC, "priority" DESC, "run_id") WHERE "due" > 0 AND "lease" IS NULL;
CREATE INDEX "run_held_idx" ON "run" ("workspace_id") WHERE "lease" IS NOT NULL;
CREATE INDEX "run_lease_idx" ON "run" ("lease") WHERE "lease" IS NOT NULL;
CREATE INDEX "run_not_before_idx" ON "run" ("not_before") WHERE "not_before" IS NOT NULL;
