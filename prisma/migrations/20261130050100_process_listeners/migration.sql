-- Where a living process serves HTTP, so that no workspace calls another process of the service.
ALTER TABLE vault_reader ADD COLUMN listens_at text[] NOT NULL DEFAULT '{}';
