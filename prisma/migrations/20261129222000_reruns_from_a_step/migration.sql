-- The earlier run that made a call, if the run continues from that one: the call is not made again.
ALTER TABLE ledger ADD COLUMN taken_from uuid;
