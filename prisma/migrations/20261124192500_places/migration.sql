-- By hand: a partial index, which Prisma cannot say.

-- Runs that hold a place in the queue: counted where a workspace is near its limit, and looked through for those that nobody
-- advances. A run that waits for a human holds none; those that wait for a place stand in run_unadmitted_idx.
DROP INDEX "run_open_idx";
CREATE INDEX "run_place_idx" ON "run" ("workspace_id", "run_id") WHERE "admitted" AND "status" IN ('QUEUED', 'RUNNING');
