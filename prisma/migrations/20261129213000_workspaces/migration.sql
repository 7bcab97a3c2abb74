-- Keys of the platform that embeds Errand: they make and suspend workspaces and see nothing inside. No workspace key or person can make one.
CREATE TABLE platform_key (
  platform_key_id uuid PRIMARY KEY,
  name text NOT NULL,
  hmac bytea NOT NULL UNIQUE,
  hmac_key_id text NOT NULL,
  last4 text NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  expires_at timestamptz(3),
  revoked_at timestamptz(3),
  last_used_at timestamptz(3)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON platform_key TO errand_system;

-- While a workspace is suspended, its keys, sessions and schedules have no effect.
ALTER TABLE workspace ADD COLUMN suspended_at timestamptz(3);
