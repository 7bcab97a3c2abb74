-- The run whose intent, context or plan a run takes over, when a caller asked for that by rerun.
ALTER TABLE run ADD COLUMN rerun_of uuid;
-- Ids of the integrations to which the caller passed headers or parameters: what was passed is erased when the run ends, and a rerun
-- must be given it again.
ALTER TABLE run ADD COLUMN passed_to text[] NOT NULL DEFAULT '{}';
