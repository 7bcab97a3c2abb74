-- What differs by service, owner or user: variables, values of every request, rules for answers. A constant default rewrites no table.
ALTER TABLE integration
  ADD COLUMN pick jsonb,
  ADD COLUMN documents jsonb,
  ADD COLUMN variables jsonb NOT NULL DEFAULT '{}',
  ADD COLUMN sealed_variables bytea,
  ADD COLUMN request_settings jsonb NOT NULL DEFAULT '{}',
  ADD COLUMN rules jsonb NOT NULL DEFAULT '{}',
  ADD COLUMN catalog_id text,
  ADD COLUMN catalog_version text;

ALTER TABLE integration_user
  ADD COLUMN variables jsonb NOT NULL DEFAULT '{}',
  ADD COLUMN sealed_variables bytea;

ALTER TABLE oauth_pending ADD COLUMN variables jsonb NOT NULL DEFAULT '{}';
