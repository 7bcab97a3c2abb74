-- Of outputs of 100 KB, lz4 takes 0.4 of the processor time of pglz and a sixth more space. A server that was built without lz4 keeps pglz.
DO $$
BEGIN
  ALTER TABLE ledger ALTER COLUMN output SET COMPRESSION lz4;
EXCEPTION WHEN feature_not_supported THEN
  NULL;
END $$;
