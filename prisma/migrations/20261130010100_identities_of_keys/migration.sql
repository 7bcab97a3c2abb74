-- The keys of a principal, by its identity: the creators of runs, and the people behind them. Neither column changes.
CREATE INDEX api_key_identity_idx ON api_key (workspace_id, ('api_key:' || principal_id::text), api_key_id);
