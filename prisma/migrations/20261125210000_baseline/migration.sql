-- The whole database of Errand, from top to bottom: roles and schemas, functions, tables by room, row-level security, grants.
--
-- Never edit this file: a database remembers its checksum. Add a migration instead. prisma/schema.prisma says the same of the
-- tables for Prisma; packages/db/src/migrate/drift.db.test.ts compares the two. What Prisma cannot say stands here alone:
-- partitions, partial indexes, checks, storage, triggers, policies and grants.
--
-- Every key starts with workspace_id. So no index and no constraint can tell one workspace about another.

-- Roles and schemas ---------------------------------------------------------------------------------------------------

-- errand_app sees the rows of one workspace: the one that its session names in the setting errand.workspace. Without that
-- setting it sees none. errand_system sees all rows; background work uses it. Nobody logs in as one of the two: a session takes
-- its role when it starts. The owner of the tables is a member of both, because FORCE ROW LEVEL SECURITY holds for owners, too.
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
      WHEN duplicate_object OR unique_violation THEN NULL; -- another database of this server made it at the same time
      WHEN insufficient_privilege THEN
        RAISE EXCEPTION 'the database user "%" may not make the roles errand_app and errand_system. Let an administrator run: CREATE ROLE errand_app NOLOGIN; CREATE ROLE errand_system NOLOGIN; GRANT errand_app, errand_system TO "%"; then start again', current_user, current_user;
    END;
  END LOOP;
END
$$;

CREATE SCHEMA errand_partitions; -- the monthly partitions of run_event, and what makes and removes them
CREATE SCHEMA errand_audit; -- the triggers of the audit log
CREATE SCHEMA errand_access; -- row-level security and grants

-- Functions: partitions -----------------------------------------------------------------------------------------------

-- The smallest UUIDv7 of a moment: 48 bits of Unix milliseconds, the rest zero.
CREATE FUNCTION errand_partitions.uuid_floor("at" timestamptz) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
  SELECT (lpad(to_hex((extract(epoch FROM "at") * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid
$$;

-- Makes the partitions of the month of "at" and of the next month, if they are missing. Returns how many it made. Rows that
-- came before their partition are moved out of the default one.
CREATE FUNCTION errand_partitions.ensure_run_event("at" timestamptz DEFAULT now()) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  month timestamp := date_trunc('month', "at" AT TIME ZONE 'UTC');
  part text;
  low uuid;
  high uuid;
  made int := 0;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('errand_partitions.ensure_run_event'));
  FOR i IN 0..1 LOOP
    part := 'run_event_' || to_char(month, 'YYYYMM');
    IF to_regclass(format('errand_partitions.%I', part)) IS NULL THEN
      low := errand_partitions.uuid_floor(month AT TIME ZONE 'UTC');
      high := errand_partitions.uuid_floor((month + interval '1 month') AT TIME ZONE 'UTC');
      EXECUTE format('CREATE TABLE errand_partitions.%I (LIKE public.run_event INCLUDING ALL)', part);
      EXECUTE format('WITH moved AS (DELETE FROM errand_partitions.run_event_default WHERE run_id >= %L AND run_id < %L RETURNING *)
        INSERT INTO errand_partitions.%I SELECT * FROM moved', low, high, part);
      PERFORM errand_access.secure_table(format('errand_partitions.%I', part)::regclass);
      EXECUTE format('ALTER TABLE public.run_event ATTACH PARTITION errand_partitions.%I FOR VALUES FROM (%L) TO (%L)', part, low, high);
      made := made + 1;
    END IF;
    month := month + interval '1 month';
  END LOOP;
  RETURN made;
END
$$;

-- Retention removes a month in two steps: it detaches the partition, then it drops it. "month" is YYYYMM.
CREATE FUNCTION errand_partitions.detach_run_event("month" text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF month !~ '^[0-9]{6}$' THEN RAISE EXCEPTION 'A month is YYYYMM.' USING ERRCODE = 'invalid_parameter_value'; END IF;
  EXECUTE format('ALTER TABLE public.run_event DETACH PARTITION errand_partitions.%I', 'run_event_' || month);
END
$$;
CREATE FUNCTION errand_partitions.drop_run_event("month" text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF month !~ '^[0-9]{6}$' THEN RAISE EXCEPTION 'A month is YYYYMM.' USING ERRCODE = 'invalid_parameter_value'; END IF;
  EXECUTE format('DROP TABLE errand_partitions.%I', 'run_event_' || month);
END
$$;

-- Functions: the audit log --------------------------------------------------------------------------------------------

-- Refuses UPDATE, DELETE and TRUNCATE of the audit log.
CREATE FUNCTION errand_audit.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'The audit log is append-only: % of % is refused.', TG_OP, TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END
$$;

-- Remembers each new audit entry until it is part of the hash chain. SECURITY DEFINER: errand_app may not write audit_unsealed itself.
CREATE FUNCTION errand_audit.remember_unsealed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  INSERT INTO public.audit_unsealed (workspace_id, audit_id) VALUES (NEW.workspace_id, NEW.audit_id);
  RETURN NULL;
END
$$;

-- A UUIDv7: 48 bits of Unix milliseconds, then random bits.
CREATE FUNCTION errand_audit.new_id() RETURNS uuid LANGUAGE sql VOLATILE AS $$
  SELECT (lpad(to_hex((extract(epoch FROM clock_timestamp()) * 1000)::bigint), 12, '0') || '7'
    || substr(replace(gen_random_uuid()::text, '-', ''), 14))::uuid
$$;

-- Writes the audit entry of a decision request or of its decision, in the statement that writes the row.
CREATE FUNCTION errand_audit.write_decision_request() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  topic text := CASE WHEN NEW.kind = 'effect' THEN 'effect' WHEN NEW.kind = 'consent' THEN 'consent' ELSE 'approval' END;
  done text := CASE WHEN TG_OP = 'INSERT' THEN 'asked' WHEN NEW.kind = 'effect' THEN 'resolved' ELSE 'decided' END;
  -- Nobody decided a request that expired: then it was Errand.
  who text := CASE WHEN TG_OP = 'INSERT' THEN 'system:errand' ELSE coalesce(NEW.decided_principal, 'system:errand') END;
BEGIN
  INSERT INTO public.audit (workspace_id, audit_id, actor_type, actor_id, actor_label, actor_ip, action, target, details)
  VALUES (NEW.workspace_id, errand_audit.new_id(), split_part(who, ':', 1), substr(who, strpos(who, ':') + 1),
    CASE WHEN TG_OP = 'INSERT' THEN 'errand' ELSE coalesce(NEW.decided_by, 'errand') END, NULL,
    topic || '.' || done, NEW.decision_request_id::text,
    jsonb_strip_nulls(jsonb_build_object('runId', NEW.run_id, 'kind', NEW.kind, 'tool', NEW.tool, 'userId', NEW.user_id,
      'customerIntegrationId', NEW.customer_integration_id, 'sha256', NEW.sha256, 'decision', NEW.decision, 'reason', NEW.reason,
      'argsChanged', CASE WHEN NEW.decided_args IS NULL THEN NULL ELSE true END)));
  RETURN NULL;
END
$$;

-- Functions: row-level security and grants ----------------------------------------------------------------------------

-- Lets errand_system ANALYZE and VACUUM a table. Postgres has this privilege from version 17 on; on older ones autovacuum does
-- the work, or a service that logs in as the owner.
CREATE FUNCTION errand_access.grant_maintain(target regclass) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF current_setting('server_version_num')::int >= 170000 THEN
    EXECUTE format('GRANT MAINTAIN ON %s TO errand_system', target);
  END IF;
END
$$;

-- Enables row-level security on one table with workspace_id. Safe to repeat. The policy calls current_setting directly:
-- a sub-select would be set up once for each table of a statement, and most statements touch one or two rows.
CREATE FUNCTION errand_access.secure_table(target regclass) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  own text := $f$workspace_id = nullif(current_setting('errand.workspace', true), '')::uuid$f$;
BEGIN
  EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', target);
  EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', target);
  EXECUTE format('DROP POLICY IF EXISTS own_workspace ON %s', target);
  EXECUTE format('CREATE POLICY own_workspace ON %s TO errand_app USING (%s) WITH CHECK (%s)', target, own, own);
  EXECUTE format('DROP POLICY IF EXISTS all_workspaces ON %s', target);
  EXECUTE format('CREATE POLICY all_workspaces ON %s TO errand_system USING (true) WITH CHECK (true)', target);
  PERFORM errand_access.grant_maintain(target);
END
$$;

-- What errand_app may do with a table. Tables that are not named here are read and written.
CREATE FUNCTION errand_access.tenant_privileges(target regclass) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT CASE (SELECT relname FROM pg_class WHERE oid = target)
    WHEN 'audit' THEN 'SELECT, INSERT' WHEN 'audit_seal' THEN 'SELECT' WHEN 'workspace' THEN 'SELECT'
    WHEN 'audit_unsealed' THEN '' WHEN 'api_key' THEN '' WHEN 'stream_lease' THEN '' WHEN 'request_quota' THEN ''
    ELSE 'SELECT, INSERT, UPDATE, DELETE' END
$$;

-- Enables row-level security on each table with workspace_id that does not have it yet, partitions included, and grants access.
-- packages/db calls it after all migrations, so a later table is not forgotten. Partitions are reached through their parent and
-- get no grants. The tables of the job queue (schema graphile_worker) are made by the queue itself, so they are granted here.
-- Returns the number of tables it changed.
CREATE FUNCTION errand_access.secure_all_tables() RETURNS int LANGUAGE plpgsql AS $$
DECLARE
  found record;
  n int := 0;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('errand_access.secure_all_tables'));
  FOR found IN
    SELECT c.oid::regclass AS name, c.relname, c.relispartition AS part FROM pg_class c
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'workspace_id' AND NOT a.attisdropped
    JOIN pg_namespace s ON s.oid = c.relnamespace AND s.nspname IN ('public', 'errand_partitions')
    WHERE c.relkind IN ('r', 'p') AND NOT EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND p.polname = 'own_workspace')
  LOOP
    PERFORM errand_access.secure_table(found.name);
    n := n + 1;
    CONTINUE WHEN found.part;
    IF errand_access.tenant_privileges(found.name) <> '' THEN
      EXECUTE format('GRANT %s ON %s TO errand_app', errand_access.tenant_privileges(found.name), found.name);
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
      SELECT c.oid::regclass AS name, c.relrowsecurity AS secured FROM pg_class c
      WHERE c.relnamespace = 'graphile_worker'::regnamespace AND c.relkind = 'r'
    LOOP
      PERFORM errand_access.grant_maintain(found.name);
      CONTINUE WHEN NOT found.secured
        OR EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = found.name::oid AND p.polname = 'all_workspaces');
      EXECUTE format('CREATE POLICY all_workspaces ON %s TO errand_system USING (true) WITH CHECK (true)', found.name);
    END LOOP;
  END IF;
  RETURN n;
END
$$;

-- Tables: workspaces and API keys -------------------------------------------------------------------------------------

-- A tenant.
CREATE TABLE workspace (
  workspace_id uuid NOT NULL,
  name text NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT workspace_pkey PRIMARY KEY (workspace_id)
);

-- An API key. Only its HMAC is kept. The look-up by HMAC crosses workspaces, because it finds out which workspace calls.
CREATE TABLE api_key (
  workspace_id uuid NOT NULL,
  api_key_id uuid NOT NULL,
  principal_id uuid NOT NULL, -- the first key of its chain of rotations: who acts, whichever key of the chain is used
  name text NOT NULL,
  hmac bytea NOT NULL,
  hmac_key_id text, -- the master key under which it is hashed
  prefix text NOT NULL,
  last4 text NOT NULL,
  scopes text[] NOT NULL,
  created_by text,
  created_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  expires_at timestamptz(3),
  revoked_at timestamptz(3),
  last_used_at timestamptz(3),
  replaced_by uuid, -- the key that followed it when it was rotated
  CONSTRAINT api_key_pkey PRIMARY KEY (workspace_id, api_key_id),
  CONSTRAINT api_key_workspace_id_fkey FOREIGN KEY (workspace_id)
    REFERENCES workspace (workspace_id) ON UPDATE CASCADE ON DELETE CASCADE
);
CREATE UNIQUE INDEX api_key_hmac_key ON api_key (hmac);

-- The number of open streams that one process holds for one API key. A row that is not renewed counts no more.
-- UNLOGGED, as is request_quota: a crash of Postgres empties both, and that does no harm.
CREATE UNLOGGED TABLE stream_lease (
  workspace_id uuid NOT NULL,
  api_key_id uuid NOT NULL,
  holder_id uuid NOT NULL, -- the process
  streams integer NOT NULL,
  renewed_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT stream_lease_pkey PRIMARY KEY (workspace_id, api_key_id, holder_id),
  CONSTRAINT stream_lease_workspace_id_api_key_id_fkey FOREIGN KEY (workspace_id, api_key_id)
    REFERENCES api_key (workspace_id, api_key_id) ON UPDATE CASCADE ON DELETE CASCADE
);
CREATE INDEX stream_lease_renewed_at_idx ON stream_lease (renewed_at);

-- How much of its request quota an API key has spent.
CREATE UNLOGGED TABLE request_quota (
  workspace_id uuid NOT NULL,
  api_key_id uuid NOT NULL,
  full_at timestamptz(3) NOT NULL, -- when the whole quota is available again
  granted integer NOT NULL, -- what the last caller got
  CONSTRAINT request_quota_pkey PRIMARY KEY (workspace_id, api_key_id),
  CONSTRAINT request_quota_workspace_id_api_key_id_fkey FOREIGN KEY (workspace_id, api_key_id)
    REFERENCES api_key (workspace_id, api_key_id) ON UPDATE CASCADE ON DELETE CASCADE
);

-- Tables: integrations ------------------------------------------------------------------------------------------------

-- A service that a workspace has registered: an OpenAPI document or an MCP server.
CREATE TABLE integration (
  workspace_id uuid NOT NULL,
  customer_integration_id text NOT NULL, -- the name that the workspace gives it
  registration_id uuid NOT NULL, -- of this registration; a later one with the same customer_integration_id has another
  integration_id text NOT NULL, -- what kind of service it is: the same for the same document, wherever it is registered
  name text NOT NULL,
  kind text NOT NULL,
  description text,
  logo_url text,
  host text NOT NULL,
  base_url text NOT NULL,
  auth jsonb NOT NULL, -- the public part; secrets are in sealed_token
  sealed_token bytea,
  token_last4 text,
  token_fingerprint text,
  token_destination text, -- the origin that the token was given for; it is sent nowhere else
  token_rejected_at timestamptz(3), -- since when the service refuses the token; null once a new one is given
  oauth_server jsonb, -- how to talk to its authorization server; no secrets
  document text, -- the source, as it was given
  document_sha256 text,
  source_url text, -- where the document was read from; a refresh reads it there again
  pending_base_url text, -- the base URL of a newer document; nothing is sent there before the owner confirms it
  needs_review boolean NOT NULL DEFAULT false, -- the source changed, and the owner has not looked at it
  instructions text,
  active boolean NOT NULL DEFAULT true,
  approval_floor text NOT NULL DEFAULT 'NONE', -- the least strict approval strategy that its calls may run under
  tools_version integer NOT NULL DEFAULT 1, -- grows with each change of its tools, so that caches know when to read again
  warnings jsonb NOT NULL DEFAULT '[]',
  created_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  updated_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT integration_pkey PRIMARY KEY (workspace_id, customer_integration_id),
  CONSTRAINT integration_kind_check CHECK (kind IN ('openapi', 'mcp')),
  CONSTRAINT integration_approval_floor_check CHECK (approval_floor IN ('NONE', 'ON_START', 'ON_TOOL_CALL', 'ON_WRITE')),
  CONSTRAINT integration_workspace_id_fkey FOREIGN KEY (workspace_id)
    REFERENCES workspace (workspace_id) ON UPDATE CASCADE ON DELETE CASCADE
);
CREATE UNIQUE INDEX integration_workspace_id_registration_id_key ON integration (workspace_id, registration_id);
-- Sealed bytes do not compress.
ALTER TABLE integration ALTER COLUMN sealed_token SET STORAGE EXTERNAL;

-- One operation of an integration.
CREATE TABLE tool (
  workspace_id uuid NOT NULL,
  customer_integration_id text NOT NULL,
  operation text NOT NULL,
  position integer NOT NULL, -- its position in the source
  name text NOT NULL,
  summary text,
  description text,
  method text,
  path text,
  input_schema jsonb NOT NULL,
  output_schema jsonb,
  call jsonb NOT NULL, -- how to build the request; packages/integrations alone reads it
  effect text NOT NULL,
  idempotent boolean NOT NULL DEFAULT false,
  enabled boolean NOT NULL DEFAULT true,
  fingerprint text NOT NULL, -- hash of what callers see of the tool; it differs when the tool has changed
  change text, -- new, changed or removed: what a newer document did to it, until the owner has chosen tools again
  CONSTRAINT tool_pkey PRIMARY KEY (workspace_id, customer_integration_id, operation),
  CONSTRAINT tool_effect_check CHECK (effect IN ('read', 'write')),
  CONSTRAINT tool_workspace_id_customer_integration_id_fkey FOREIGN KEY (workspace_id, customer_integration_id)
    REFERENCES integration (workspace_id, customer_integration_id) ON UPDATE CASCADE ON DELETE CASCADE
);

-- A user of an integration, with the token or the OAuth grant that acts for this user.
CREATE TABLE integration_user (
  workspace_id uuid NOT NULL,
  customer_integration_id text NOT NULL,
  user_id text NOT NULL,
  sealed bytea, -- the token; null when it was never given or is revoked
  last4 text,
  fingerprint text,
  active boolean NOT NULL DEFAULT true,
  token_destination text, -- the origin that the token was given for; it is sent nowhere else
  token_rejected_at timestamptz(3), -- since when the service refuses the token; null once a new one is given
  sealed_grant bytea, -- access token and refresh token
  grant_destination text, -- the origin and the authorization server that the consent was given for
  grant_expires_at timestamptz(3), -- when the access token expires; null when the server did not say
  scope text,
  issuer text,
  reconnect_reason text, -- why only the user can repair the consent
  refresh_lease uuid, -- who refreshes now; a lease that ran out may have used the refresh token
  refresh_until timestamptz(3),
  created_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  updated_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT integration_user_pkey PRIMARY KEY (workspace_id, customer_integration_id, user_id),
  CONSTRAINT integration_user_workspace_id_customer_integration_id_fkey FOREIGN KEY (workspace_id, customer_integration_id)
    REFERENCES integration (workspace_id, customer_integration_id) ON UPDATE CASCADE ON DELETE CASCADE
);
CREATE INDEX integration_user_workspace_id_user_id_idx ON integration_user (workspace_id, user_id);
ALTER TABLE integration_user ALTER COLUMN sealed SET STORAGE EXTERNAL;

-- A consent for which a browser was sent to an authorization server. It lives for ten minutes and is used once.
CREATE TABLE oauth_pending (
  workspace_id uuid NOT NULL,
  state_hash text NOT NULL,
  customer_integration_id text NOT NULL,
  user_id text NOT NULL,
  sealed bytea NOT NULL, -- PKCE verifier and nonce
  issuer text,
  redirect_uri text NOT NULL,
  scope text,
  return_to text, -- where the user goes afterwards
  browser_hash text NOT NULL, -- hash of the cookie of the browser that was sent
  grant_destination text NOT NULL DEFAULT '', -- the origin and the authorization server that the user was shown
  created_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  expires_at timestamptz(3) NOT NULL,
  CONSTRAINT oauth_pending_pkey PRIMARY KEY (workspace_id, state_hash),
  CONSTRAINT oauth_pending_workspace_id_customer_integration_id_fkey FOREIGN KEY (workspace_id, customer_integration_id)
    REFERENCES integration (workspace_id, customer_integration_id) ON UPDATE CASCADE ON DELETE CASCADE
);
CREATE INDEX oauth_pending_workspace_id_expires_at_idx ON oauth_pending (workspace_id, expires_at);

-- Tables: runs --------------------------------------------------------------------------------------------------------

-- A run, and its entry in the queue: docs/architecture.md, "The queue". No foreign key to workspace: each insert would lock the
-- same row of it.
-- The order of the columns matters. Postgres logs a new version of a row from the first byte that differs to the last one. So
-- what never changes comes first, then what a claim, a wait and an end change, then what each step changes.
-- docs/decisions/2026-11-25-what-a-run-writes.md has the figures.
CREATE TABLE run (
  workspace_id uuid NOT NULL,
  run_id uuid NOT NULL, -- a UUIDv7: sorts by the time of creation
  execution_plan_id uuid NOT NULL,
  repeat_key text, -- null when the caller gave none: then the run's id is its key
  repeat_run_id uuid,
  intent text NOT NULL,
  context text NOT NULL DEFAULT '',
  user_id text NOT NULL,
  approval_strategy text NOT NULL DEFAULT 'NONE',
  selected text[] NOT NULL,
  output_schema jsonb,
  signature bytea NOT NULL, -- hash of intent, output schema and user: equal runs may repeat each other's plan
  budget jsonb NOT NULL DEFAULT '{}',
  metadata jsonb NOT NULL DEFAULT '{}',
  priority smallint NOT NULL DEFAULT 0,
  created_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  requested_by text, -- the principal that created it, as <kind>:<id>
  outputs_removed_at timestamptz(3), -- when retention removed its result and what its calls answered
  sealed_pass_through bytea, -- what the caller passes on to integrations; erased when the run ends
  integrations text[] NOT NULL DEFAULT ARRAY[]::text[], -- those it selected and those its plans call: its rows in run_integration
  lease text, -- the worker pool that holds it now
  not_before timestamptz(3), -- when it becomes due by itself: for a retry, or because a decision request expires
  started_at timestamptz(3),
  ended_at timestamptz(3),
  deaths smallint NOT NULL DEFAULT 0, -- how often a worker died while it held the run, since the run last waited
  due smallint NOT NULL DEFAULT 1, -- whether a worker is to take it: 0 no, 1 in its turn, 2 at once
  epoch integer NOT NULL DEFAULT 0, -- the fencing token: grows with each claim; a write with an older one matches no row
  status text NOT NULL DEFAULT 'QUEUED',
  error jsonb,
  result json, -- json, not jsonb: keeps the bytes as they were written
  updated_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  seq integer NOT NULL DEFAULT 0, -- the number of the newest event
  steps integer NOT NULL DEFAULT 0,
  tool_calls integer NOT NULL DEFAULT 0,
  active_ms integer NOT NULL DEFAULT 0,
  input_tokens integer NOT NULL DEFAULT 0,
  output_tokens integer NOT NULL DEFAULT 0,
  result_bytes integer GENERATED ALWAYS AS (octet_length(result::text)) STORED, -- tells what does not fit into an answer
  CONSTRAINT run_pkey PRIMARY KEY (workspace_id, run_id),
  CONSTRAINT run_approval_strategy_check CHECK (approval_strategy IN ('NONE', 'ON_START', 'ON_TOOL_CALL', 'ON_WRITE')),
  CONSTRAINT run_status_check CHECK (status IN
    ('QUEUED', 'RUNNING', 'AUTH_REQUIRED', 'PAUSED', 'SUCCESS', 'PARTIAL_SUCCESS', 'NO_SUCCESS', 'FAILED', 'CANCELED')),
  -- An open run that no worker would ever take cannot be stored, nor an ended run that is due again.
  CONSTRAINT run_due_check CHECK (CASE
    WHEN status IN ('SUCCESS', 'PARTIAL_SUCCESS', 'NO_SUCCESS', 'FAILED', 'CANCELED')
      THEN due = 0 AND lease IS NULL AND not_before IS NULL
    WHEN status IN ('PAUSED', 'AUTH_REQUIRED') THEN due = 0 AND lease IS NULL AND not_before IS NOT NULL
    ELSE due > 0 OR lease IS NOT NULL OR not_before IS NOT NULL END)
)
-- Each event updates the row. Free space on the page keeps these updates heap-only, and large values move out of the row.
WITH (fillfactor = 75, toast_tuple_target = 512, autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_cost_delay = 0);

-- Lists by status, user, repeat key and metadata. For common metadata the primary key is faster.
CREATE INDEX run_workspace_id_status_run_id_idx ON run (workspace_id, status, run_id);
CREATE INDEX run_workspace_id_user_id_run_id_idx ON run (workspace_id, user_id, run_id);
CREATE INDEX run_repeat_key_idx ON run (workspace_id, repeat_key, run_id) WHERE repeat_key IS NOT NULL;
CREATE INDEX run_metadata_idx ON run USING gin (metadata jsonb_path_ops) WHERE metadata <> '{}';
-- The newest successful run that an equal run can repeat, in the same context.
CREATE INDEX run_repeat_idx ON run (workspace_id, repeat_key, signature, hashtextextended(context, 0), run_id)
  WHERE status = 'SUCCESS' AND repeat_key IS NOT NULL;
-- Ended runs, oldest first, for retention.
CREATE INDEX run_ended_idx ON run (ended_at, run_id) WHERE ended_at IS NOT NULL;
-- The queue: due runs in the order in which they are taken; held runs by workspace and by worker pool; runs that become due by
-- themselves. The columns of these predicates change only when a run is created, claimed, woken, suspended or ended. So a step
-- writes no index.
CREATE INDEX run_due_idx ON run (workspace_id, due DESC, priority DESC, run_id) WHERE due > 0 AND lease IS NULL;
CREATE INDEX run_held_idx ON run (workspace_id) WHERE lease IS NOT NULL;
CREATE INDEX run_lease_idx ON run (lease) WHERE lease IS NOT NULL;
CREATE INDEX run_not_before_idx ON run (not_before) WHERE not_before IS NOT NULL;

-- Finds the runs of an integration. Written once for each run: an index on run.integrations would be written with each version
-- of the run's row.
CREATE TABLE run_integration (
  workspace_id uuid NOT NULL,
  customer_integration_id text NOT NULL,
  run_id uuid NOT NULL,
  CONSTRAINT run_integration_pkey PRIMARY KEY (workspace_id, customer_integration_id, run_id)
);

-- The log of a run: one numbered event a row. Partitioned by month, through the time in run_id. The transition that writes an
-- event writes its run's row, too, so there is no foreign key.
CREATE TABLE run_event (
  workspace_id uuid NOT NULL,
  run_id uuid NOT NULL,
  seq integer NOT NULL,
  type text NOT NULL,
  data json NOT NULL, -- without tool calls; json, not jsonb: keeps the bytes as they were written
  tool_calls json, -- apart, so that views without tool calls parse nothing
  created_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT run_event_pkey PRIMARY KEY (workspace_id, run_id, seq)
) PARTITION BY RANGE (run_id);
-- Events whose month has no partition.
CREATE TABLE errand_partitions.run_event_default PARTITION OF run_event DEFAULT;

-- The program of a run. Found by its own id and removed with its run; no foreign key looks the run up and locks it.
CREATE TABLE execution_plan (
  workspace_id uuid NOT NULL,
  execution_plan_id uuid NOT NULL,
  run_id uuid NOT NULL,
  plan_type text NOT NULL,
  plan json NOT NULL, -- json, not jsonb: keeps the bytes as they were written
  version integer NOT NULL DEFAULT 1,
  made_by text NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  updated_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT execution_plan_pkey PRIMARY KEY (workspace_id, execution_plan_id),
  CONSTRAINT execution_plan_type_check CHECK (plan_type IN ('text', 'json'))
);

-- One entry for each call of a tool or of a model. What is DONE is never done again. REFUSED: it was sent, it is known not to
-- have happened, and it may be sent again.
CREATE TABLE ledger (
  workspace_id uuid NOT NULL,
  run_id uuid NOT NULL,
  key text NOT NULL, -- names the call within the run
  kind text NOT NULL,
  step_id text,
  iteration integer NOT NULL DEFAULT 0,
  tool text,
  args json,
  args_sha256 bytea,
  effect text,
  state text NOT NULL,
  output json,
  error json,
  idempotency_key text,
  epoch integer NOT NULL DEFAULT 0, -- of the activation that made the call
  attempts integer NOT NULL DEFAULT 0,
  input_tokens integer NOT NULL DEFAULT 0,
  output_tokens integer NOT NULL DEFAULT 0,
  started_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  finished_at timestamptz(3),
  args_bytes integer GENERATED ALWAYS AS (octet_length(args::text)) STORED, -- tell what does not fit into an answer
  output_bytes integer GENERATED ALWAYS AS (octet_length(output::text)) STORED,
  CONSTRAINT ledger_pkey PRIMARY KEY (workspace_id, run_id, key),
  CONSTRAINT ledger_kind_check CHECK (kind IN ('tool', 'model')),
  CONSTRAINT ledger_state_check CHECK (state IN ('INTENDED', 'DONE', 'FAILED', 'UNCERTAIN', 'SKIPPED', 'REFUSED'))
)
WITH (fillfactor = 85);

-- The first answer to a request with an Idempotency-Key.
CREATE TABLE idempotency (
  workspace_id uuid NOT NULL,
  operation text NOT NULL,
  key text NOT NULL,
  request_sha256 bytea NOT NULL, -- a request with the same key and another hash is refused
  state text NOT NULL,
  status integer,
  body json,
  run_id uuid,
  created_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  locked_until timestamptz(3), -- while the first request is being answered
  expires_at timestamptz(3) NOT NULL,
  CONSTRAINT idempotency_pkey PRIMARY KEY (workspace_id, operation, key),
  CONSTRAINT idempotency_state_check CHECK (state IN ('IN_FLIGHT', 'DONE'))
);
CREATE INDEX idempotency_expires_at_idx ON idempotency (expires_at);

-- What a caller thinks of a run.
CREATE TABLE feedback (
  workspace_id uuid NOT NULL,
  run_id uuid NOT NULL,
  feedback_id uuid NOT NULL,
  rating text NOT NULL,
  comment text,
  source jsonb,
  metadata jsonb,
  created_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  updated_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT feedback_pkey PRIMARY KEY (workspace_id, run_id),
  CONSTRAINT feedback_rating_check CHECK (rating IN ('positive', 'negative')),
  CONSTRAINT feedback_workspace_id_run_id_fkey FOREIGN KEY (workspace_id, run_id)
    REFERENCES run (workspace_id, run_id) ON UPDATE CASCADE ON DELETE CASCADE
);
CREATE UNIQUE INDEX feedback_workspace_id_feedback_id_key ON feedback (workspace_id, feedback_id);

-- Tables: decisions ---------------------------------------------------------------------------------------------------

-- A decision request: what a human is asked before a run goes on. The same row takes the decision.
CREATE TABLE decision_request (
  workspace_id uuid NOT NULL,
  decision_request_id uuid NOT NULL, -- the approvalId, effectId or consentId of the contract
  run_id uuid NOT NULL,
  user_id text NOT NULL,
  kind text NOT NULL,
  key text NOT NULL, -- what it is about, within the run: a ledger key, an integration or the plan
  step_id text,
  customer_integration_id text,
  tool text,
  args json,
  sha256 text, -- hash of what will be executed; the decision holds for exactly that
  text text NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  expires_at timestamptz(3),
  decided_at timestamptz(3),
  decision text, -- approve, deny, retry, happened, skip or void
  decided_by text, -- who decided, as people are told
  reason text,
  decided_args json, -- the arguments, when the human changed them
  output json,
  decided_principal text, -- who decided, as <kind>:<id>; null when it expired
  CONSTRAINT decision_request_pkey PRIMARY KEY (workspace_id, decision_request_id),
  CONSTRAINT decision_request_kind_check CHECK (kind IN ('plan_approval', 'tool_approval', 'consent', 'effect')),
  CONSTRAINT decision_request_decision_check CHECK ((decided_at IS NULL) = (decision IS NULL)),
  CONSTRAINT decision_request_workspace_id_run_id_fkey FOREIGN KEY (workspace_id, run_id)
    REFERENCES run (workspace_id, run_id) ON UPDATE CASCADE ON DELETE CASCADE
);
CREATE INDEX decision_request_workspace_id_run_id_idx ON decision_request (workspace_id, run_id);
-- At most one open request about one thing of a run.
CREATE UNIQUE INDEX decision_request_open_idx ON decision_request (workspace_id, run_id, kind, key) WHERE decided_at IS NULL;
-- Open requests: of a workspace, by the time they expire, and the consents that a user's grant answers.
CREATE INDEX decision_request_pending_idx ON decision_request (workspace_id, decision_request_id) WHERE decided_at IS NULL;
CREATE INDEX decision_request_expires_idx ON decision_request (expires_at) WHERE decided_at IS NULL;
CREATE INDEX decision_request_consent_idx ON decision_request (workspace_id, customer_integration_id, user_id)
  WHERE decided_at IS NULL AND kind = 'consent';

-- An approval rule: calls of this tool whose arguments fit need no decision request until the rule expires.
CREATE TABLE approval_rule (
  workspace_id uuid NOT NULL,
  approval_rule_id uuid NOT NULL,
  customer_integration_id text NOT NULL,
  tool text NOT NULL,
  user_id text, -- null: for every user
  args_schema jsonb, -- JSON Schema that the arguments must fit; null: any arguments
  tool_fingerprint text NOT NULL, -- the tool when the rule was made; a changed tool is asked about again
  reason text,
  created_by text NOT NULL, -- who made it, as people are told
  created_principal text, -- who made it, as <kind>:<id>
  created_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  expires_at timestamptz(3) NOT NULL,
  revoked_at timestamptz(3),
  CONSTRAINT approval_rule_pkey PRIMARY KEY (workspace_id, approval_rule_id),
  CONSTRAINT approval_rule_workspace_id_customer_integration_id_fkey FOREIGN KEY (workspace_id, customer_integration_id)
    REFERENCES integration (workspace_id, customer_integration_id) ON UPDATE CASCADE ON DELETE CASCADE
);
CREATE INDEX approval_rule_active_idx ON approval_rule (workspace_id, tool) WHERE revoked_at IS NULL;

-- Tables: the audit log -----------------------------------------------------------------------------------------------

-- What was done, by whom, and to what. Written in the transaction that does it, and never changed.
CREATE TABLE audit (
  workspace_id uuid NOT NULL,
  audit_id uuid NOT NULL,
  actor_type text NOT NULL, -- the kind of the principal
  actor_id text,
  actor_label text NOT NULL, -- who it was, as people are told
  actor_ip text,
  action text NOT NULL,
  target text NOT NULL,
  details jsonb NOT NULL DEFAULT '{}',
  at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT audit_pkey PRIMARY KEY (workspace_id, audit_id),
  CONSTRAINT audit_actor_check CHECK (actor_type IN ('api_key', 'link', 'system'))
);
CREATE INDEX audit_workspace_id_action_audit_id_idx ON audit (workspace_id, action, audit_id);
CREATE INDEX audit_workspace_id_actor_id_audit_id_idx ON audit (workspace_id, actor_id, audit_id);

-- The hash chain over the audit log: each hash is of an entry and of the hash before it. A table of its own, filled in the
-- background, so that writers of entries do not wait for each other.
CREATE TABLE audit_seal (
  workspace_id uuid NOT NULL,
  seq integer NOT NULL,
  audit_id uuid NOT NULL,
  hash text NOT NULL,
  CONSTRAINT audit_seal_pkey PRIMARY KEY (workspace_id, seq)
);
CREATE UNIQUE INDEX audit_seal_workspace_id_audit_id_key ON audit_seal (workspace_id, audit_id);

-- Entries of the audit log that are not in the chain yet.
CREATE TABLE audit_unsealed (
  workspace_id uuid NOT NULL,
  audit_id uuid NOT NULL,
  CONSTRAINT audit_unsealed_pkey PRIMARY KEY (workspace_id, audit_id)
);

CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE ON audit FOR EACH ROW EXECUTE FUNCTION errand_audit.refuse_change();
CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON audit EXECUTE FUNCTION errand_audit.refuse_change();
CREATE TRIGGER audit_seal_append_only BEFORE UPDATE OR DELETE ON audit_seal
  FOR EACH ROW EXECUTE FUNCTION errand_audit.refuse_change();
CREATE TRIGGER audit_seal_no_truncate BEFORE TRUNCATE ON audit_seal EXECUTE FUNCTION errand_audit.refuse_change();
CREATE TRIGGER audit_unsealed AFTER INSERT ON audit FOR EACH ROW EXECUTE FUNCTION errand_audit.remember_unsealed();

CREATE TRIGGER decision_request_opened AFTER INSERT ON decision_request FOR EACH ROW EXECUTE FUNCTION errand_audit.write_decision_request();
CREATE TRIGGER decision_request_decided AFTER UPDATE OF decided_at ON decision_request FOR EACH ROW
  WHEN (OLD.decided_at IS NULL AND NEW.decided_at IS NOT NULL AND NEW.decision <> 'void')
  EXECUTE FUNCTION errand_audit.write_decision_request();

-- Tables of the whole installation: they belong to no workspace ---------------------------------------------------------

-- A process that advances runs, and its last heartbeat.
CREATE TABLE worker_pool (
  worker_pool_id text NOT NULL,
  host text NOT NULL,
  started_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  heartbeat_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT worker_pool_pkey PRIMARY KEY (worker_pool_id)
);

-- How far each kind of removal has come: all runs that ended before this one are done.
CREATE TABLE retention (
  kind text NOT NULL,
  through_at timestamptz(3) NOT NULL,
  through_id uuid NOT NULL,
  CONSTRAINT retention_pkey PRIMARY KEY (kind)
);

-- A known text, sealed with each master key: a server whose key cannot open it refuses to start.
CREATE TABLE vault_canary (
  key_id text NOT NULL,
  sealed bytea NOT NULL,
  sealing_since timestamptz(3), -- set on the one key with which all processes seal
  CONSTRAINT vault_canary_pkey PRIMARY KEY (key_id)
);
CREATE UNIQUE INDEX vault_canary_sealing ON vault_canary ((true)) WHERE sealing_since IS NOT NULL;

-- The master keys that a living process can open, and the one that it seals with.
CREATE TABLE vault_reader (
  reader_id uuid NOT NULL,
  host text NOT NULL,
  key_ids text[] NOT NULL,
  sealing text NOT NULL,
  seen_at timestamptz(3) NOT NULL,
  CONSTRAINT vault_reader_pkey PRIMARY KEY (reader_id)
);

-- Row-level security --------------------------------------------------------------------------------------------------

-- On all tables above with workspace_id, with the grants on them. New partitions get it when they are made.
SELECT errand_access.secure_all_tables();
SELECT errand_partitions.ensure_run_event();

-- Grants --------------------------------------------------------------------------------------------------------------

GRANT USAGE ON SCHEMA public, errand_partitions, errand_audit, errand_access TO errand_app, errand_system;
GRANT SELECT, INSERT, UPDATE, DELETE ON worker_pool, retention, vault_canary, vault_reader TO errand_system;
-- A process that may not migrate checks whether everything is migrated.
GRANT SELECT ON _prisma_migrations TO errand_system;
-- Only the owner may make and remove partitions; these functions do it on behalf of errand_system.
REVOKE ALL ON FUNCTION errand_partitions.ensure_run_event(timestamptz), errand_partitions.detach_run_event(text),
  errand_partitions.drop_run_event(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION errand_partitions.ensure_run_event(timestamptz), errand_partitions.detach_run_event(text),
  errand_partitions.drop_run_event(text) TO errand_system;
