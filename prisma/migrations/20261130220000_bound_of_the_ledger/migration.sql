-- The ledger becomes a partitioned table in three migrations, each with a lock of its own. Its rows become a partition as they are. A
-- checked constraint proves the bound of this partition, so that no lock lasts as long as a scan. A small ledger needs no constraint.
-- Rows of the next sixty days still fit, in case the next migration is delayed.
SET LOCAL lock_timeout = '1s';
DO $$
DECLARE
  bound timestamptz := (date_trunc('day', now() AT TIME ZONE 'UTC') + interval '60 days') AT TIME ZONE 'UTC';
BEGIN
  -- the last release runs with this: it makes ids of its own time only
  IF pg_relation_size('ledger') > 256 * 1024 * 1024 THEN
    EXECUTE format('ALTER TABLE ledger ADD CONSTRAINT ledger_bound CHECK (run_id < %L::uuid) NOT VALID', errand_partitions.uuid_floor(bound));
  END IF;
END
$$;
