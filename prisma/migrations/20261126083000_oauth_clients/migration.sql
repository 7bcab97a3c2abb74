-- Clients that registered themselves at authorization servers of MCP servers: each for one issuer and one redirect URI.
CREATE TABLE oauth_client (
  workspace_id uuid NOT NULL,
  issuer text NOT NULL, -- or the token URL of a server without one
  redirect_uri text NOT NULL,
  client_id text NOT NULL,
  authentication text NOT NULL, -- how it proves itself (RFC 7591)
  sealed_secret bytea, -- null for a public client
  expires_at timestamptz(3), -- when the secret ends; null when it does not
  created_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT oauth_client_pkey PRIMARY KEY (workspace_id, issuer, redirect_uri),
  CONSTRAINT oauth_client_workspace_id_fkey FOREIGN KEY (workspace_id)
    REFERENCES workspace (workspace_id) ON UPDATE CASCADE ON DELETE CASCADE
);
ALTER TABLE oauth_client ALTER COLUMN sealed_secret SET STORAGE EXTERNAL;

-- With whose credential the tools of an MCP server were read last; null when with none, or with that of the workspace.
ALTER TABLE integration ADD COLUMN tools_user_id text;
