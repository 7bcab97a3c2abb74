-- Lists by integration find a run by what it selected or used.
ALTER TABLE "run" ADD COLUMN "integrations" TEXT[] NOT NULL DEFAULT ARRAY[]::TEXT[];
UPDATE "run" SET "integrations" = array_remove("selected", '*') || ARRAY(
  SELECT DISTINCT split_part(step ->> 'tool', '.', 1) FROM "execution_plan" p, jsonb_path_query(p."plan", '$.plan.steps[*]') AS step
  WHERE p."workspace_id" = "run"."workspace_id" AND p."execution_plan_id" = "run"."execution_plan_id"
  UNION SELECT DISTINCT split_part(l."tool", '.', 1) FROM "ledger" l
  WHERE l."workspace_id" = "run"."workspace_id" AND l."run_id" = "run"."run_id" AND l."kind" = 'tool');
DROP INDEX "run_selected_idx";
CREATE INDEX "run_integrations_idx" ON "run" USING gin ("integrations");
