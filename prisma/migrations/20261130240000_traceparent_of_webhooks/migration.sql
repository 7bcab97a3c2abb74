-- Whether posts about a run carry `traceparent`, which contains the id of the run. The last release knows no such column, and sends none.
ALTER TABLE webhook ADD COLUMN traceparent boolean NOT NULL DEFAULT false;
