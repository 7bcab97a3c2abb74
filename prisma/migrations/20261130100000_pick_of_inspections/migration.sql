-- The pick of an inspection is that of the integration registered from it.
ALTER TABLE integration_inspection ADD COLUMN pick jsonb;
