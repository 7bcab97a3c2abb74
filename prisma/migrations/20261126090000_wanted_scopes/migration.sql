-- Scopes that a service wanted in the middle of a run, and those that the user was asked for at the last consent. A run asks for what is
-- wanted and was not asked for; what was asked for and not granted is asked for again only when the user connects once more.
ALTER TABLE integration_user ADD COLUMN wanted_scope text;
ALTER TABLE integration_user ADD COLUMN asked_scope text;
