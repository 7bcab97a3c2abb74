-- A repeat is sought among the runs of its own context, however many other contexts its key had.
DROP INDEX "run_repeat_idx";
CREATE INDEX "run_repeat_idx" ON "run" ("workspace_id", "repeat_key", "signature", hashtextextended("context", 0), "run_id")
  WHERE "status" = 'SUCCESS';
