-- The first job of a run has none before it: the queue need not look for one, which is two thirds of what `advance` costs.
CREATE FUNCTION "errand_queue"."first"("workspace" uuid, "run" uuid, "attempts" int) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF current_setting('role') = 'errand_app' AND current_setting('errand.workspace', true) IS DISTINCT FROM workspace::text THEN
    RAISE EXCEPTION 'A job of another workspace.' USING ERRCODE = 'insufficient_privilege';
  END IF;
  PERFORM graphile_worker.add_job('advance', json_build_object('workspaceId', workspace, 'runId', run),
    max_attempts := attempts, job_key := 'run:' || run, priority := 0, job_key_mode := 'unsafe_dedupe');
END
$$;
REVOKE ALL ON FUNCTION "errand_queue"."first"(uuid, uuid, int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION "errand_queue"."first"(uuid, uuid, int) TO "errand_app", "errand_system";

-- Nothing is put off to a time of its own.
DROP INDEX "run_due_idx";
ALTER TABLE "run" DROP COLUMN "due_at";
