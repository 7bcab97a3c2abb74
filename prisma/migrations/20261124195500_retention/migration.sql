-- When what the calls of an ended run answered, and its result, were removed.
ALTER TABLE "run" ADD COLUMN "outputs_removed_at" TIMESTAMPTZ(3);

-- How far each kind of removal has come: all runs that ended before this one are done.
CREATE TABLE "retention" (
    "kind" TEXT NOT NULL,
    "through_at" TIMESTAMPTZ(3) NOT NULL,
    "through_id" UUID NOT NULL,

    CONSTRAINT "retention_pkey" PRIMARY KEY ("kind")
);

-- By hand from here on. -----------------------------------------------------------------------------------------

-- Ended runs, oldest first.
CREATE INDEX "run_ended_idx" ON "run" ("ended_at", "run_id") WHERE "ended_at" IS NOT NULL;
