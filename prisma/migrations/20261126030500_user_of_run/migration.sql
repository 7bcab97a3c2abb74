-- What a caller tells of the user of a run, for planning: {"name", "timeZone"}; null when nothing is known.
ALTER TABLE run ADD COLUMN user_details jsonb;
