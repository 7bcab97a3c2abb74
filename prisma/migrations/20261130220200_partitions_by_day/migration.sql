-- run_event and ledger get partitions of a day, a week or a month, as the retention needs them. A partition contains the rows of the runs
-- with an id of its time, and is removed as a whole once no run needs them. Earlier releases work with these tables unchanged: they call
-- ensure_run_event, detach_run_event and drop_run_event.
SET LOCAL lock_timeout = '1s';

-- The moment of a UUIDv7.
CREATE FUNCTION errand_partitions.uuid_time(id uuid) RETURNS timestamptz LANGUAGE sql IMMUTABLE AS $$
  SELECT to_timestamp(('x' || left(replace(id::text, '-', ''), 12))::bit(48)::bigint / 1000.0)
$$;

-- The partitions of a table with their bounds; low is included, high is not. Rows of other times are in the default partition.
CREATE FUNCTION errand_partitions.bounds(parent text) RETURNS TABLE (name text, low uuid, high uuid) LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp AS $$
  SELECT relname, CASE WHEN bound[1] = 'MINVALUE' THEN '00000000-0000-0000-0000-000000000000' ELSE bound[1] END::uuid, bound[2]::uuid
  FROM (SELECT c.relname::text, regexp_match(pg_get_expr(c.relpartbound, c.oid), 'FROM \(''?([^'')]+)''?\) TO \(''?([^'')]+)') AS bound
    FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = to_regclass('public.' || quote_ident(parent))) AS part
  WHERE bound IS NOT NULL
$$;

-- The policies of the tables permit rows to roles that inherit errand_system. Others see none, and would take every run for ended.
CREATE FUNCTION errand_partitions.check_sees_rows() RETURNS void LANGUAGE plpgsql STABLE AS $$
BEGIN
  IF NOT pg_has_role(current_user, 'errand_system', 'USAGE') THEN
    RAISE EXCEPTION 'The owner of the tables must inherit errand_system: GRANT errand_system TO %, and ALTER ROLE % INHERIT.',
      quote_ident(current_user), quote_ident(current_user) USING ERRCODE = 'insufficient_privilege';
  END IF;
END
$$;

-- Whether a run with an id between the bounds is open. By run_due_check each open run is due, has a lease or has a time to start, and
-- there is an index of each.
CREATE FUNCTION errand_partitions.has_open_run(low uuid, high uuid) RETURNS boolean LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp SET enable_seqscan = off AS $$
BEGIN
  PERFORM errand_partitions.check_sees_rows();
  RETURN EXISTS (SELECT FROM public.run WHERE lease IS NOT NULL AND run_id >= low AND run_id < high)
    OR EXISTS (SELECT FROM public.run WHERE not_before IS NOT NULL AND run_id >= low AND run_id < high)
    OR EXISTS (SELECT FROM public.run WHERE due > 0 AND lease IS NULL AND run_id >= low AND run_id < high);
END
$$;

CREATE FUNCTION errand_partitions.check_parent(parent text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF parent IS NULL OR parent NOT IN ('run_event', 'ledger') THEN
    RAISE EXCEPTION 'The table % has no partitions.', parent USING ERRCODE = 'invalid_parameter_value';
  END IF;
END
$$;

-- Makes a partition, and moves the rows into it that came before. Only the owner may call it.
CREATE FUNCTION errand_partitions.make(parent text, low uuid, high uuid) RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  part text := parent || '_' || to_char(errand_partitions.uuid_time(low) AT TIME ZONE 'UTC', 'YYYYMMDD');
  columns text;
BEGIN
  PERFORM errand_partitions.check_parent(parent);
  SELECT string_agg(quote_ident(attname), ', ') INTO columns FROM pg_attribute
    WHERE attrelid = to_regclass('public.' || parent) AND attnum > 0 AND NOT attisdropped AND attgenerated = '';
  EXECUTE format('CREATE TABLE errand_partitions.%I (LIKE public.%I INCLUDING ALL) WITH (fillfactor = %s)', part, parent,
    CASE parent WHEN 'ledger' THEN 85 ELSE 100 END);
  -- A writer that has chosen the default partition, and waits for it, would fail: its row belongs to the new one then.
  EXECUTE format('LOCK TABLE ONLY public.%I IN ACCESS EXCLUSIVE MODE', parent);
  -- A row that came after the moved ones would prevent the partition.
  EXECUTE format('LOCK TABLE errand_partitions.%I IN ACCESS EXCLUSIVE MODE', parent || '_default');
  EXECUTE format('WITH moved AS (DELETE FROM errand_partitions.%I WHERE run_id >= %L AND run_id < %L RETURNING %s)
    INSERT INTO errand_partitions.%I (%s) SELECT * FROM moved', parent || '_default', low, high, columns, part, columns);
  PERFORM errand_access.secure_table(format('errand_partitions.%I', part)::regclass);
  EXECUTE format('ALTER TABLE public.%I ATTACH PARTITION errand_partitions.%I FOR VALUES FROM (%L) TO (%L)', parent, part, low, high);
END
$$;

-- Makes the partition of a moment, if it is missing: the day, week or month around it, as far as no other partition has it. Returns
-- whether it made one.
CREATE FUNCTION errand_partitions.ensure(parent text, "at" timestamptz, span text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  here uuid := errand_partitions.uuid_floor("at");
  start timestamp := date_trunc(span, "at" AT TIME ZONE 'UTC');
  low uuid;
  high uuid;
BEGIN
  PERFORM errand_partitions.check_parent(parent);
  IF span IS NULL OR span NOT IN ('day', 'week', 'month') THEN
    RAISE EXCEPTION 'A partition has a day, a week or a month.' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF EXISTS (SELECT FROM errand_partitions.bounds(parent) p WHERE p.low <= here AND here < p.high) THEN RETURN false; END IF;
  PERFORM pg_advisory_xact_lock(hashtext('errand_partitions.ensure_run_event'));
  IF EXISTS (SELECT FROM errand_partitions.bounds(parent) p WHERE p.low <= here AND here < p.high) THEN RETURN false; END IF;
  low := errand_partitions.uuid_floor(start AT TIME ZONE 'UTC');
  high := errand_partitions.uuid_floor((start + ('1 ' || span)::interval) AT TIME ZONE 'UTC');
  low := greatest(low, (SELECT p.high FROM errand_partitions.bounds(parent) p WHERE p.high <= here ORDER BY p.high DESC LIMIT 1));
  high := least(high, (SELECT p.low FROM errand_partitions.bounds(parent) p WHERE p.low > here ORDER BY p.low LIMIT 1));
  PERFORM errand_partitions.make(parent, low, high);
  RETURN true;
END
$$;

-- Earlier releases call it once an hour, and after their migrations. Makes the partitions of the day and the next one. Returns their number.
CREATE OR REPLACE FUNCTION errand_partitions.ensure_run_event("at" timestamptz DEFAULT now()) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN errand_partitions.ensure('run_event', "at", 'day')::int + errand_partitions.ensure('run_event', "at" + interval '1 day', 'day')::int
    + errand_partitions.ensure('ledger', "at", 'day')::int + errand_partitions.ensure('ledger', "at" + interval '1 day', 'day')::int;
END
$$;

-- Removes all rows of a partition, unless a run of its time is open or ended after "since". The caller has looked for other runs before
-- "since". The lock waits for each transaction that has written rows of the partition, so the runs of these rows are visible afterwards.
-- A dropped ledger of an open run would repeat its writes. Returns whether the partition is empty.
CREATE FUNCTION errand_partitions.empty(parent text, part text, since timestamptz) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET enable_seqscan = off AS $$
DECLARE
  bound record;
BEGIN
  PERFORM errand_partitions.check_parent(parent);
  SELECT * INTO bound FROM errand_partitions.bounds(parent) p WHERE p.name = part;
  IF NOT FOUND THEN RETURN false; END IF;
  EXECUTE format('LOCK TABLE errand_partitions.%I IN ACCESS EXCLUSIVE MODE', part);
  IF errand_partitions.has_open_run(bound.low, bound.high) THEN RETURN false; END IF;
  IF EXISTS (SELECT FROM public.run WHERE ended_at > since AND run_id >= bound.low AND run_id < bound.high) THEN RETURN false; END IF;
  EXECUTE format('TRUNCATE errand_partitions.%I', part);
  RETURN true;
EXCEPTION WHEN undefined_table THEN
  RETURN false; -- another removal dropped it meanwhile
END
$$;

-- Drops an empty partition. This locks the whole table, but only for a moment, because no file with rows is removed. Returns whether it did.
CREATE FUNCTION errand_partitions.drop_empty(parent text, part text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM errand_partitions.check_parent(parent);
  EXECUTE format('LOCK TABLE ONLY public.%I IN ACCESS EXCLUSIVE MODE', parent);
  IF NOT EXISTS (SELECT FROM errand_partitions.bounds(parent) p WHERE p.name = part) THEN RETURN false; END IF;
  EXECUTE format('LOCK TABLE errand_partitions.%I IN ACCESS EXCLUSIVE MODE', part);
  IF pg_relation_size(format('errand_partitions.%I', part)::regclass) > 0 THEN RETURN false; END IF;
  EXECUTE format('DROP TABLE errand_partitions.%I', part);
  RETURN true;
END
$$;

-- Earlier releases look for open runs before they call it. It looks again under the lock.
CREATE OR REPLACE FUNCTION errand_partitions.detach_run_event("month" text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  part text := 'run_event_' || month;
BEGIN
  IF month !~ '^[0-9]{6}$' THEN RAISE EXCEPTION 'A month is YYYYMM.' USING ERRCODE = 'invalid_parameter_value'; END IF;
  EXECUTE format('LOCK TABLE errand_partitions.%I IN ACCESS EXCLUSIVE MODE', part);
  IF EXISTS (SELECT FROM errand_partitions.bounds('run_event') p WHERE p.name = part AND errand_partitions.has_open_run(p.low, p.high)) THEN
    RAISE EXCEPTION 'A run of the month is open.' USING ERRCODE = 'lock_not_available';
  END IF;
  EXECUTE format('ALTER TABLE public.run_event DETACH PARTITION errand_partitions.%I', part);
END
$$;

REVOKE ALL ON FUNCTION errand_partitions.make(text, uuid, uuid), errand_partitions.ensure(text, timestamptz, text),
  errand_partitions.empty(text, text, timestamptz), errand_partitions.drop_empty(text, text), errand_partitions.has_open_run(uuid, uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION errand_partitions.ensure(text, timestamptz, text), errand_partitions.empty(text, text, timestamptz),
  errand_partitions.drop_empty(text, text), errand_partitions.has_open_run(uuid, uuid) TO errand_system;

-- A login that made the role may grant it to itself.
DO $$
BEGIN
  IF NOT pg_has_role(current_user, 'errand_system', 'USAGE') THEN EXECUTE 'GRANT errand_system TO CURRENT_USER'; END IF;
EXCEPTION WHEN insufficient_privilege THEN NULL;
END
$$;
SELECT errand_partitions.check_sees_rows();

-- Both at once, so that no statement has one and waits for the other.
LOCK TABLE run_event, ledger IN ACCESS EXCLUSIVE MODE;

-- Months without events: days take their place.
DO $$
DECLARE
  part record;
BEGIN
  FOR part IN SELECT name FROM errand_partitions.bounds('run_event') LOOP
    -- the last release runs with this: it names no partition when it writes events
    IF pg_relation_size(format('errand_partitions.%I', part.name)::regclass) = 0 THEN
      EXECUTE format('DROP TABLE errand_partitions.%I', part.name);
    END IF;
  END LOOP;
END
$$;

ALTER TABLE ledger SET SCHEMA errand_partitions;
-- the last release runs with this: a new table has the name at the end of this transaction
ALTER TABLE errand_partitions.ledger RENAME TO ledger_earlier;
-- the last release runs with this: no statement names an index
ALTER INDEX errand_partitions.ledger_pkey RENAME TO ledger_earlier_pkey;
-- the last release runs with this: no statement names an index
ALTER INDEX errand_partitions.ledger_tool_idx RENAME TO ledger_earlier_tool_idx;
CREATE TABLE ledger (LIKE errand_partitions.ledger_earlier INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING GENERATED INCLUDING STORAGE
  INCLUDING COMPRESSION) PARTITION BY RANGE (run_id);
-- the last release runs with this: it is the primary key of the earlier table
ALTER TABLE ledger ADD CONSTRAINT ledger_pkey PRIMARY KEY (workspace_id, run_id, key);
CREATE INDEX ledger_tool_idx ON ledger (workspace_id, tool, run_id) WHERE kind = 'tool' AND taken_from IS NULL AND first_of_tool;
ALTER TABLE ledger DROP CONSTRAINT IF EXISTS ledger_bound;
CREATE TABLE errand_partitions.ledger_default PARTITION OF ledger DEFAULT WITH (fillfactor = 85);

DO $$
DECLARE
  bound text;
  columns text;
BEGIN
  -- the last release runs with this: it reads and writes the new table with the name ledger
  IF pg_relation_size('errand_partitions.ledger_earlier') = 0 THEN
    DROP TABLE errand_partitions.ledger_earlier;
    RETURN;
  END IF;
  SELECT substring(pg_get_constraintdef(oid) FROM '''([0-9a-f-]{36})''') INTO bound FROM pg_constraint
    WHERE conrelid = 'errand_partitions.ledger_earlier'::regclass AND conname = 'ledger_bound';
  IF bound IS NULL THEN
    bound := errand_partitions.uuid_floor((date_trunc('day', now() AT TIME ZONE 'UTC') + interval '1 day') AT TIME ZONE 'UTC');
    SELECT string_agg(quote_ident(attname), ', ') INTO columns FROM pg_attribute
      WHERE attrelid = 'errand_partitions.ledger_earlier'::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = '';
    EXECUTE format('WITH moved AS (DELETE FROM errand_partitions.ledger_earlier WHERE run_id >= %L RETURNING %s)
      INSERT INTO errand_partitions.ledger_default (%s) SELECT * FROM moved', bound, columns, columns);
  END IF;
  EXECUTE format('ALTER TABLE ledger ATTACH PARTITION errand_partitions.ledger_earlier FOR VALUES FROM (MINVALUE) TO (%L)', bound);
  ALTER TABLE errand_partitions.ledger_earlier DROP CONSTRAINT IF EXISTS ledger_bound;
  -- the last release runs with this: the rights on the table ledger hold for its partitions
  REVOKE ALL ON errand_partitions.ledger_earlier FROM errand_app, errand_system;
  PERFORM errand_access.grant_maintain('errand_partitions.ledger_earlier');
END
$$;

SELECT errand_partitions.ensure_run_event(), errand_access.secure_all_tables();
