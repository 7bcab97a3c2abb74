-- Since when a change of auth is stored of which waiting runs have not been told: a process may die between the two.
ALTER TABLE integration ADD COLUMN unannounced_since timestamptz(3);
CREATE INDEX integration_unannounced_idx ON integration (unannounced_since) WHERE unannounced_since IS NOT NULL;
