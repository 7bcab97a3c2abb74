-- The service needs to own nothing: what only an owner may do is granted to errand_system, or done by functions of the owner.
-- All of it is by hand.

-- ANALYZE and VACUUM (Postgres 17 and newer; older ones leave both to autovacuum, or to a service that logs in as the owner).
CREATE OR REPLACE FUNCTION "errand_access"."wall"("wanted" regclass) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  own text := $f$workspace_id = nullif(current_setting('errand.workspace', true), '')::uuid$f$;
BEGIN
  EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', wanted);
  EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', wanted);
  EXECUTE format('DROP POLICY IF EXISTS of_workspace ON %s', wanted);
  EXECUTE format('CREATE POLICY of_workspace ON %s TO errand_app USING (%s) WITH CHECK (%s)', wanted, own, own);
  EXECUTE format('DROP POLICY IF EXISTS of_all ON %s', wanted);
  EXECUTE format('CREATE POLICY of_all ON %s TO errand_system USING (true) WITH CHECK (true)', wanted);
  PERFORM errand_access.maintain(wanted);
END
$$;
CREATE FUNCTION "errand_access"."maintain"("wanted" regclass) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF current_setting('server_version_num')::int >= 170000 THEN
    EXECUTE format('GRANT MAINTAIN ON %s TO errand_system', wanted);
  END IF;
END
$$;
SELECT "errand_access"."maintain"(polrelid) FROM pg_policy WHERE polname = 'of_workspace';

-- The queue's tables are made after our migrations, by the queue itself.
CREATE OR REPLACE FUNCTION "errand_access"."wall_all"() RETURNS int LANGUAGE plpgsql AS $$
DECLARE
  found record;
  n int := 0;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('errand_access.wall_all'));
  FOR found IN
    SELECT c.oid::regclass AS name, c.relname, c.relispartition AS part FROM pg_class c
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'workspace_id' AND NOT a.attisdropped
    JOIN pg_namespace s ON s.oid = c.relnamespace AND s.nspname IN ('public', 'errand_parts')
    WHERE c.relkind IN ('r', 'p') AND NOT EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND p.polname = 'of_workspace')
  LOOP
    PERFORM errand_access.wall(found.name);
    n := n + 1;
    CONTINUE WHEN found.part;
    IF errand_access.rights(found.name) <> '' THEN
      EXECUTE format('GRANT %s ON %s TO errand_app', errand_access.rights(found.name), found.name);
    END IF;
    EXECUTE format('GRANT %s ON %s TO errand_system',
      CASE WHEN found.relname IN ('audit', 'audit_seal') THEN 'SELECT, INSERT' ELSE 'SELECT, INSERT, UPDATE, DELETE' END, found.name);
  END LOOP;
  IF to_regnamespace('graphile_worker') IS NOT NULL THEN
    GRANT USAGE ON SCHEMA graphile_worker TO errand_system;
    GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA graphile_worker TO errand_system;
    GRANT USAGE ON ALL SEQUENCES IN SCHEMA graphile_worker TO errand_system;
    GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA graphile_worker TO errand_system;
    FOR found IN
      SELECT c.oid::regclass AS name, c.relrowsecurity AS guarded FROM pg_class c
      WHERE c.relnamespace = 'graphile_worker'::regnamespace AND c.relkind = 'r'
    LOOP
      PERFORM errand_access.maintain(found.name);
      CONTINUE WHEN NOT found.guarded
        OR EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = found.name::oid AND p.polname = 'of_all');
      EXECUTE format('CREATE POLICY of_all ON %s TO errand_system USING (true) WITH CHECK (true)', found.name);
    END LOOP;
  END IF;
  RETURN n;
END
$$;

-- Months of events: made and removed by the owner, on behalf of errand_system alone.
REVOKE ALL ON FUNCTION "errand_parts"."ensure_run_event"(timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION "errand_parts"."ensure_run_event"(timestamptz) TO "errand_system";

CREATE FUNCTION "errand_parts"."detach_run_event"("month" text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF month !~ '^[0-9]{6}$' THEN RAISE EXCEPTION 'A month is YYYYMM.' USING ERRCODE = 'invalid_parameter_value'; END IF;
  EXECUTE format('ALTER TABLE public.run_event DETACH PARTITION errand_parts.%I', 'run_event_' || month);
END
$$;
CREATE FUNCTION "errand_parts"."drop_run_event"("month" text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF month !~ '^[0-9]{6}$' THEN RAISE EXCEPTION 'A month is YYYYMM.' USING ERRCODE = 'invalid_parameter_value'; END IF;
  EXECUTE format('DROP TABLE errand_parts.%I', 'run_event_' || month);
END
$$;
REVOKE ALL ON FUNCTION "errand_parts"."detach_run_event"(text), "errand_parts"."drop_run_event"(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION "errand_parts"."detach_run_event"(text), "errand_parts"."drop_run_event"(text) TO "errand_system";

-- A process that may not migrate looks whether all is migrated.
GRANT SELECT ON "_prisma_migrations" TO "errand_system";

-- Whose job it is was asked of the setting `role` alone, and SET ROLE NONE takes that away. A login that may not become errand_system
-- is bound to its workspace whatever its role is.
CREATE FUNCTION "errand_queue"."may_enqueue"("workspace" uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT current_setting('errand.workspace', true) IS NOT DISTINCT FROM workspace::text
    OR (current_setting('role') <> 'errand_app' AND pg_has_role(session_user, 'errand_system', 'MEMBER'))
$$;
CREATE OR REPLACE FUNCTION "errand_queue"."advance"("workspace" uuid, "run" uuid, "attempts" int, "rank" int) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF NOT errand_queue.may_enqueue(workspace) THEN
    RAISE EXCEPTION 'A job of another workspace.' USING ERRCODE = 'insufficient_privilege';
  END IF;
  PERFORM graphile_worker.add_job('advance', json_build_object('workspaceId', workspace, 'runId', run),
    max_attempts := attempts, job_key := 'run:' || run, priority := rank);
END
$$;
CREATE OR REPLACE FUNCTION "errand_queue"."first"("workspace" uuid, "run" uuid, "attempts" int) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF NOT errand_queue.may_enqueue(workspace) THEN
    RAISE EXCEPTION 'A job of another workspace.' USING ERRCODE = 'insufficient_privilege';
  END IF;
  PERFORM graphile_worker.add_job('advance', json_build_object('workspaceId', workspace, 'runId', run),
    max_attempts := attempts, job_key := 'run:' || run, priority := 0, job_key_mode := 'unsafe_dedupe');
END
$$;
