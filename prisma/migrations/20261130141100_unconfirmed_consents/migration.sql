-- The pages of products that confirm the user of a consent: of a workspace, and of an integration. Nullable columns rewrite no table.
ALTER TABLE workspace ADD COLUMN consent_verify_url text;
ALTER TABLE integration ADD COLUMN verify_url text;

-- Credentials that users gave and that their product has not confirmed yet, for ten minutes. No call reads them.
CREATE TABLE unconfirmed_consent (
  workspace_id uuid NOT NULL,
  code_hash text COLLATE "C" NOT NULL,
  customer_integration_id text NOT NULL,
  user_id text NOT NULL,
  registration_id uuid NOT NULL,
  sealed bytea NOT NULL,
  return_to text,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  expires_at timestamptz(3) NOT NULL,
  CONSTRAINT unconfirmed_consent_pkey PRIMARY KEY (workspace_id, code_hash),
  CONSTRAINT unconfirmed_consent_workspace_id_customer_integration_id_fkey FOREIGN KEY (workspace_id, customer_integration_id)
    REFERENCES integration (workspace_id, customer_integration_id) ON UPDATE CASCADE ON DELETE CASCADE
);
CREATE INDEX unconfirmed_consent_workspace_id_user_id_idx ON unconfirmed_consent (workspace_id, user_id);
CREATE INDEX unconfirmed_consent_expires_at_idx ON unconfirmed_consent (expires_at);
