-- The platform key that made a key.
ALTER TABLE api_key ADD COLUMN platform_key_id uuid REFERENCES platform_key ON DELETE SET NULL;
