-- Tokens that keys mint for the browsers of end users. Removed an hour after they end.
CREATE TABLE user_token (
  workspace_id uuid NOT NULL,
  user_token_id uuid NOT NULL,
  hmac bytea NOT NULL,
  hmac_key_id text NOT NULL,
  user_id text NOT NULL,
  api_key_id uuid NOT NULL,
  allowed jsonb NOT NULL,
  limits jsonb NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  expires_at timestamptz(3) NOT NULL,
  revoked_at timestamptz(3),
  CONSTRAINT user_token_pkey PRIMARY KEY (workspace_id, user_token_id),
  CONSTRAINT user_token_workspace_id_api_key_id_fkey FOREIGN KEY (workspace_id, api_key_id)
    REFERENCES api_key (workspace_id, api_key_id) ON UPDATE CASCADE ON DELETE CASCADE
);
CREATE UNIQUE INDEX user_token_hmac_key ON user_token (hmac);
CREATE INDEX user_token_workspace_id_user_id_idx ON user_token (workspace_id, user_id);
CREATE INDEX user_token_expires_at_idx ON user_token (expires_at);

-- Runs that user tokens are about to create: they count as open runs of the user until they exist. A crash of Postgres empties it.
CREATE UNLOGGED TABLE open_run_claim (
  workspace_id uuid NOT NULL,
  user_id text NOT NULL,
  run_id uuid NOT NULL,
  expires_at timestamptz(3) NOT NULL,
  CONSTRAINT open_run_claim_pkey PRIMARY KEY (workspace_id, user_id, run_id)
);
CREATE INDEX open_run_claim_expires_at_idx ON open_run_claim (expires_at);

-- Both have a workspace_id, so secure_all_tables would grant them to errand_app.
CREATE OR REPLACE FUNCTION errand_access.tenant_privileges(target regclass) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT CASE (SELECT relname FROM pg_class WHERE oid = target)
    WHEN 'audit' THEN 'SELECT, INSERT' WHEN 'audit_seal' THEN 'SELECT' WHEN 'workspace' THEN 'SELECT'
    WHEN 'audit_unsealed' THEN '' WHEN 'api_key' THEN '' WHEN 'stream_lease' THEN '' WHEN 'request_quota' THEN ''
    WHEN 'membership' THEN '' WHEN 'console_link' THEN '' WHEN 'user_token' THEN '' WHEN 'open_run_claim' THEN ''
    ELSE 'SELECT, INSERT, UPDATE, DELETE' END
$$;
