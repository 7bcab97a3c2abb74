-- The steps that a run has taken with earlier plans, and those of its present plan. Lists show the progress without reading plans.
-- Null before there is a plan, and for runs that were planned before this migration.
ALTER TABLE run ADD COLUMN planned_steps integer;
