-- The destination to which the secret values of variables are sealed, and whether the owner set the base URL. A constant default rewrites no table.
ALTER TABLE integration
  ADD COLUMN variables_destination text,
  ADD COLUMN owner_base_url boolean NOT NULL DEFAULT false;

ALTER TABLE integration_user ADD COLUMN variables_destination text;
