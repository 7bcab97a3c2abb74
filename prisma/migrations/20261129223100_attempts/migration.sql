-- The HTTP status of the last answer, and the times of the newest 20 attempts if there was more than one.
ALTER TABLE ledger ADD COLUMN status smallint, ADD COLUMN attempt_times json;
