-- The logos of integrations, as they were read from their services. Nullable columns rewrite no table.
ALTER TABLE integration ADD COLUMN logo bytea, ADD COLUMN logo_type text, ADD COLUMN logo_sha256 text;
