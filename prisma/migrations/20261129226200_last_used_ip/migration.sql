-- The address of the client, written with last_used_at.
ALTER TABLE api_key ADD COLUMN last_used_ip text;
