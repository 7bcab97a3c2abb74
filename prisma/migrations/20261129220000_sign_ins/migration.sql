-- A sign-in at the OIDC issuer: ten minutes from its start to the callback, then one minute until the page has the session. Only HMACs of its
-- secrets are kept. Without a workspace_id, secure_all_tables grants nothing to errand_app.
CREATE TABLE console_login (
  login_id uuid PRIMARY KEY,
  state_hmac bytea UNIQUE, -- until the callback
  ticket_hmac bytea UNIQUE, -- after the callback
  browser_hmac bytea NOT NULL, -- of the cookie of the browser
  sealed bytea, -- PKCE verifier and nonce, until the callback
  session_id uuid REFERENCES console_session ON DELETE CASCADE, -- the session whose person links an identity
  person_id uuid REFERENCES person ON DELETE CASCADE, -- after the callback
  return_path text NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  expires_at timestamptz(3) NOT NULL,
  CHECK ((state_hmac IS NULL) = (sealed IS NULL)),
  CHECK ((ticket_hmac IS NULL) = (person_id IS NULL)),
  CHECK ((state_hmac IS NULL) <> (ticket_hmac IS NULL))
);
CREATE INDEX console_login_created_idx ON console_login (created_at);
GRANT SELECT, INSERT, UPDATE, DELETE ON console_login TO errand_system;
