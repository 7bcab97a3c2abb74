-- People, their sessions, and their roles in workspaces. Only errand_system reaches these tables: a statement on the connection of a
-- tenant must not make an administrator.
CREATE TABLE person (
  person_id uuid PRIMARY KEY,
  name text NOT NULL,
  email text,
  is_operator boolean NOT NULL DEFAULT false, -- of the instance; gives no scope in a workspace
  disabled_at timestamptz(3),
  created_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP
);

-- Who a person is at an OIDC issuer. It is never found by e-mail address.
CREATE TABLE person_identity (
  issuer text NOT NULL,
  subject text NOT NULL,
  person_id uuid NOT NULL REFERENCES person ON DELETE CASCADE,
  email text,
  email_verified boolean NOT NULL DEFAULT false,
  last_used_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  PRIMARY KEY (issuer, subject)
);
CREATE INDEX person_identity_person_idx ON person_identity (person_id);

CREATE TABLE membership (
  workspace_id uuid NOT NULL REFERENCES workspace ON DELETE CASCADE,
  person_id uuid NOT NULL REFERENCES person ON DELETE CASCADE,
  role text NOT NULL CHECK (role IN ('viewer', 'decider', 'operator', 'admin')),
  made_by text NOT NULL, -- identity of a principal, or `group` when the issuer's groups gave the role
  created_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  PRIMARY KEY (workspace_id, person_id)
);
CREATE INDEX membership_person_idx ON membership (person_id);

-- A session needs both of its secrets: one is in a cookie, the other in the storage of the page. Only HMACs are kept.
CREATE TABLE console_session (
  session_id uuid PRIMARY KEY,
  cookie_hmac bytea NOT NULL UNIQUE,
  token_hmac bytea NOT NULL,
  hmac_key_id text NOT NULL,
  person_id uuid NOT NULL REFERENCES person ON DELETE CASCADE,
  created_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  seen_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP, -- to the minute
  ends_at timestamptz(3) NOT NULL, -- at the latest
  ended_at timestamptz(3),
  ended_how text,
  entered uuid[] NOT NULL DEFAULT '{}', -- workspaces whose audit log names the session
  ip text,
  user_agent text
);
CREATE INDEX console_session_person_idx ON console_session (person_id, created_at);

-- A link that signs in once, or invites into a workspace. Only its HMAC is kept.
CREATE TABLE console_link (
  link_id uuid PRIMARY KEY,
  hmac bytea NOT NULL UNIQUE,
  kind text NOT NULL CHECK (kind IN ('login', 'invitation')),
  person_id uuid REFERENCES person ON DELETE CASCADE, -- whom a login link signs in
  workspace_id uuid REFERENCES workspace ON DELETE CASCADE,
  name text, -- of the invited person
  role text CHECK (role IN ('viewer', 'decider', 'operator', 'admin')),
  made_by text NOT NULL,
  made_by_label text NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  expires_at timestamptz(3) NOT NULL,
  used_at timestamptz(3),
  revoked_at timestamptz(3),
  CHECK ((kind = 'login') = (person_id IS NOT NULL)),
  CHECK ((kind = 'invitation') = (workspace_id IS NOT NULL AND role IS NOT NULL))
);
CREATE INDEX console_link_workspace_idx ON console_link (workspace_id, created_at) WHERE kind = 'invitation';

-- Membership and console_link have a workspace_id, so secure_all_tables would grant them to errand_app.
CREATE OR REPLACE FUNCTION errand_access.tenant_privileges(target regclass) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT CASE (SELECT relname FROM pg_class WHERE oid = target)
    WHEN 'audit' THEN 'SELECT, INSERT' WHEN 'audit_seal' THEN 'SELECT' WHEN 'workspace' THEN 'SELECT'
    WHEN 'audit_unsealed' THEN '' WHEN 'api_key' THEN '' WHEN 'stream_lease' THEN '' WHEN 'request_quota' THEN ''
    WHEN 'membership' THEN '' WHEN 'console_link' THEN ''
    ELSE 'SELECT, INSERT, UPDATE, DELETE' END
$$;
GRANT SELECT, INSERT, UPDATE, DELETE ON person, person_identity, console_session TO errand_system;

-- The person who made a key, so that four eyes recognise the human behind it.
ALTER TABLE api_key ADD COLUMN person_id uuid REFERENCES person ON DELETE SET NULL;

ALTER TABLE audit DROP CONSTRAINT audit_actor_check,
  ADD CONSTRAINT audit_actor_check CHECK (actor_type IN ('api_key', 'subject', 'person', 'platform', 'link', 'system'));
