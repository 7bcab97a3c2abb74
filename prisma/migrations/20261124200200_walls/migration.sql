-- Row-level security: the second wall between workspaces, below the statements that name theirs. All of it is by hand.
--
-- errand_app sees the rows of one workspace, the one that its session names in errand.workspace; without a name, none.
-- errand_system sees all: for what looks after every workspace. The owner of the tables is a member of it, because FORCE holds
-- for owners, too. Sessions take these roles when they start; nobody logs in as one of them.
DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['errand_app', 'errand_system'] LOOP
    BEGIN
      IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) THEN
        EXECUTE format('CREATE ROLE %I NOLOGIN', name);
      END IF;
      IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) AND NOT pg_has_role(current_user, name, 'MEMBER') THEN
        EXECUTE format('GRANT %I TO CURRENT_USER', name);
      END IF;
    EXCEPTION
      WHEN duplicate_object OR unique_violation THEN NULL; -- made for another database of this server at the same time
      WHEN insufficient_privilege THEN
        RAISE EXCEPTION 'the database user "%" may not make the roles errand_app and errand_system. Let an administrator run: CREATE ROLE errand_app NOLOGIN; CREATE ROLE errand_system NOLOGIN; GRANT errand_app, errand_system TO "%"; then start again', current_user, current_user;
    END;
  END LOOP;
END
$$;

CREATE SCHEMA "errand_access";
GRANT USAGE ON SCHEMA "errand_access", "errand_audit", "errand_parts", "public" TO "errand_app", "errand_system";

-- Puts a table with workspace_id behind the wall. Safe to repeat.
CREATE FUNCTION "errand_access"."wall"("wanted" regclass) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', wanted);
  EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', wanted);
  IF NOT EXISTS (SELECT FROM pg_policy WHERE polrelid = wanted AND polname = 'of_workspace') THEN
    EXECUTE format($f$CREATE POLICY of_workspace ON %s TO errand_app
      USING (workspace_id = (SELECT nullif(current_setting('errand.workspace', true), '')::uuid))
      WITH CHECK (workspace_id = (SELECT nullif(current_setting('errand.workspace', true), '')::uuid))$f$, wanted);
    EXECUTE format('CREATE POLICY of_all ON %s TO errand_system USING (true) WITH CHECK (true)', wanted);
  END IF;
END
$$;

-- Grants, by table: what is not named is read and written. Partitions are reached through their parent alone.
CREATE FUNCTION "errand_access"."rights"("wanted" regclass) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT CASE (SELECT relname FROM pg_class WHERE oid = wanted)
    WHEN 'audit' THEN 'SELECT, INSERT' WHEN 'audit_seal' THEN 'SELECT' WHEN 'workspace' THEN 'SELECT'
    WHEN 'audit_unsealed' THEN '' WHEN 'api_key' THEN '' WHEN 'stream_lease' THEN '' WHEN 'request_quota' THEN ''
    ELSE 'SELECT, INSERT, UPDATE, DELETE' END
$$;

-- Every table with workspace_id, and every partition of one; run after migrations, so that none is forgotten.
CREATE FUNCTION "errand_access"."wall_all"() RETURNS int LANGUAGE plpgsql AS $$
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
      SELECT c.oid::regclass AS name FROM pg_class c WHERE c.relnamespace = 'graphile_worker'::regnamespace AND c.relrowsecurity
      AND NOT EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND p.polname = 'of_all')
    LOOP
      EXECUTE format('CREATE POLICY of_all ON %s TO errand_system USING (true) WITH CHECK (true)', found.name);
    END LOOP;
  END IF;
  RETURN n;
END
$$;
SELECT "errand_access"."wall_all"();
GRANT SELECT, INSERT, UPDATE, DELETE ON "worker_pool", "vault_canary", "retention" TO "errand_system";

-- New partitions stand behind it from the start.
CREATE OR REPLACE FUNCTION "errand_parts"."ensure_run_event"("at" timestamptz DEFAULT now()) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
  month timestamp := date_trunc('month', "at" AT TIME ZONE 'UTC');
  part text;
  low uuid;
  high uuid;
  made int := 0;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('errand_parts.ensure_run_event'));
  FOR i IN 0..1 LOOP
    part := 'run_event_' || to_char(month, 'YYYYMM');
    IF to_regclass(format('errand_parts.%I', part)) IS NULL THEN
      low := errand_parts.uuid_floor(month AT TIME ZONE 'UTC');
      high := errand_parts.uuid_floor((month + interval '1 month') AT TIME ZONE 'UTC');
      EXECUTE format('CREATE TABLE errand_parts.%I (LIKE public.run_event INCLUDING ALL)', part);
      EXECUTE format('WITH moved AS (DELETE FROM errand_parts.run_event_default WHERE run_id >= %L AND run_id < %L RETURNING *)
        INSERT INTO errand_parts.%I SELECT * FROM moved', low, high, part);
      PERFORM errand_access.wall(format('errand_parts.%I', part)::regclass);
      EXECUTE format('ALTER TABLE public.run_event ATTACH PARTITION errand_parts.%I FOR VALUES FROM (%L) TO (%L)', part, low, high);
      made := made + 1;
    END IF;
    month := month + interval '1 month';
  END LOOP;
  RETURN made;
END
$$;
ALTER FUNCTION "errand_parts"."ensure_run_event"(timestamptz) SECURITY DEFINER SET search_path = pg_catalog, pg_temp;

-- The queue's own tables let nobody in but their owner: jobs are added on behalf of it, for the session's workspace alone.
CREATE SCHEMA "errand_queue";
GRANT USAGE ON SCHEMA "errand_queue" TO "errand_app", "errand_system";
CREATE FUNCTION "errand_queue"."advance"("workspace" uuid, "run" uuid, "attempts" int, "rank" int) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF current_setting('role') = 'errand_app' AND current_setting('errand.workspace', true) IS DISTINCT FROM workspace::text THEN
    RAISE EXCEPTION 'A job of another workspace.' USING ERRCODE = 'insufficient_privilege';
  END IF;
  PERFORM graphile_worker.add_job('advance', json_build_object('workspaceId', workspace, 'runId', run),
    max_attempts := attempts, job_key := 'run:' || run, priority := rank);
END
$$;
REVOKE ALL ON FUNCTION "errand_queue"."advance"(uuid, uuid, int, int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION "errand_queue"."advance"(uuid, uuid, int, int) TO "errand_app", "errand_system";

-- They write where callers may not.
ALTER FUNCTION "errand_audit"."note_unsealed"() SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
