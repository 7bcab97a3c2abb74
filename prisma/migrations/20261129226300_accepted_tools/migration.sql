-- The definition of a changed tool before its change, until its owner has reviewed it. Null if it has more than 64 KiB.
ALTER TABLE tool ADD COLUMN accepted jsonb;
