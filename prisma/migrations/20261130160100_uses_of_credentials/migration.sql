-- When a run last used the credential of a user. A nullable column rewrites no table.
ALTER TABLE integration_user ADD COLUMN used_at timestamptz(3);
