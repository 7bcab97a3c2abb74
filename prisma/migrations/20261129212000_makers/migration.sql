-- A schedule names its maker by kind and id, as an action does: people make schedules too.
ALTER TABLE schedule ALTER COLUMN made_by TYPE text USING 'api_key:' || made_by::text;
