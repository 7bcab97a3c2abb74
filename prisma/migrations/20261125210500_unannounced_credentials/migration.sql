-- Since when a credential is stored of which waiting runs have not been told: a process may die between the two.
ALTER TABLE integration_user ADD COLUMN unannounced_since timestamptz(3);
CREATE INDEX integration_user_unannounced_idx ON integration_user (unannounced_since) WHERE unannounced_since IS NOT NULL;
