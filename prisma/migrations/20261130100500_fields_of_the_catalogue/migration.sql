-- The fields that the entry of the catalogue gave: a field with another value was changed by its owner. A constant default rewrites no table.
ALTER TABLE integration ADD COLUMN catalog_fields jsonb NOT NULL DEFAULT '{}';
