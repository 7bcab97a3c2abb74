-- Reads the whole ledger once. Meanwhile others read and write it. Without the constraint the next migration checks the rows itself.
SET LOCAL lock_timeout = '1s';
DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_constraint WHERE conrelid = 'ledger'::regclass AND conname = 'ledger_bound') THEN
    ALTER TABLE ledger VALIDATE CONSTRAINT ledger_bound;
  END IF;
EXCEPTION WHEN check_violation THEN
  ALTER TABLE ledger DROP CONSTRAINT ledger_bound;
END
$$;
