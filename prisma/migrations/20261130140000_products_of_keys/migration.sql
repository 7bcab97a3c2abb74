-- The product that uses a key.
ALTER TABLE api_key ADD COLUMN product text;
