-- By hand. Policies compare without a sub-select: most statements touch a row or two, and setting up an InitPlan for each table costs
-- more than reading the setting for each row.
CREATE OR REPLACE FUNCTION "errand_access"."wall"("wanted" regclass) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  own text := $f$workspace_id = nullif(current_setting('errand.workspace', true), '')::uuid$f$;
BEGIN
  EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', wanted);
  EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', wanted);
  EXECUTE format('DROP POLICY IF EXISTS of_workspace ON %s', wanted);
  EXECUTE format('CREATE POLICY of_workspace ON %s TO errand_app USING (%s) WITH CHECK (%s)', wanted, own, own);
  EXECUTE format('DROP POLICY IF EXISTS of_all ON %s', wanted);
  EXECUTE format('CREATE POLICY of_all ON %s TO errand_system USING (true) WITH CHECK (true)', wanted);
END
$$;

SELECT "errand_access"."wall"(polrelid) FROM pg_policy WHERE polname = 'of_workspace';
