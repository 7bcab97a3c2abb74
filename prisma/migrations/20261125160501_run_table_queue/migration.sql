-- The table of runs is the queue. docs/architecture.md, "The queue", says how it works.
ALTER TABLE "run" ADD COLUMN "due" SMALLINT NOT NULL DEFAULT 1,
  ADD COLUMN "not_before" TIMESTAMPTZ(3),
  ADD COLUMN "deaths" SMALLINT NOT NULL DEFAULT 0;

-- By hand from here on. -----------------------------------------------------------------------------------------

DROP INDEX "run_unadmitted_idx";
DROP INDEX "run_place_idx";
ALTER TABLE "run" DROP COLUMN "admitted", DROP COLUMN "wake";
DROP SCHEMA "errand_queue" CASCADE;

UPDATE "run" SET "epoch" = "epoch" + 1, "lease" = NULL, "due" = 2 WHERE "lease" IS NOT NULL AND "status" IN ('QUEUED', 'RUNNING');
UPDATE "run" SET "due" = 0, "lease" = NULL WHERE "status" NOT IN ('QUEUED', 'RUNNING');
UPDATE "run" SET "not_before" = coalesce((SELECT min(w."expires_at") FROM "waiting" w
    WHERE w."workspace_id" = "run"."workspace_id" AND w."run_id" = "run"."run_id" AND w."decided_at" IS NULL), now())
  WHERE "status" IN ('PAUSED', 'AUTH_REQUIRED');

-- A run that nobody would ever take up, and one that comes back after its end, cannot be stored. These columns are written by
-- claimRuns, giveBack, takeAnswers, tickRuns, freeLeases, takeBack, decideWaiting and applyTransition(s) in packages/db/src/runs.
ALTER TABLE "run" ADD CONSTRAINT "run_due_check" CHECK (CASE
  WHEN "status" IN ('SUCCESS', 'PARTIAL_SUCCESS', 'NO_SUCCESS', 'FAILED', 'CANCELED')
    THEN "due" = 0 AND "lease" IS NULL AND "not_before" IS NULL
  WHEN "status" IN ('PAUSED', 'AUTH_REQUIRED') THEN "due" = 0 AND "lease" IS NULL AND "not_before" IS NOT NULL
  ELSE "due" > 0 OR "lease" IS NOT NULL OR "not_before" IS NOT NULL END);

-- Columns of these predicates change only when a run is created, claimed, woken, rests or ends: steps write the row in place.
CREATE INDEX "run_due_idx" ON "run" ("workspace_id", "due" DESC, "priority" DESC, "run_id") WHERE "due" > 0 AND "lease" IS NULL;
CREATE INDEX "run_held_idx" ON "run" ("workspace_id") WHERE "lease" IS NOT NULL;
CREATE INDEX "run_not_before_idx" ON "run" ("not_before") WHERE "not_before" IS NOT NULL;
ALTER TABLE "run" SET (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_cost_delay = 0);
