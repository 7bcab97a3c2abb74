-- Usage by requester and by kind of decision request; ratings; and the sums of all tools and of all integrations of a day, so that a
-- report reads the largest keys of each day alone.
ALTER TABLE usage_day DROP CONSTRAINT usage_day_kind_check;
ALTER TABLE usage_day ADD CONSTRAINT usage_day_kind_check
  CHECK (kind IN ('status', 'integration', 'tool', 'user', 'requester', 'request', 'sum', 'feedback'));
CREATE INDEX usage_day_workspace_id_kind_day_runs_idx ON usage_day (workspace_id, kind, day, runs DESC);

INSERT INTO usage_day (workspace_id, day, kind, key, runs, succeeded, failed, calls, call_errors, tokens, cost, cost_currency, times)
SELECT workspace_id, day, 'sum', kind, sum(runs), sum(succeeded), sum(failed), sum(calls), sum(call_errors), sum(tokens),
  CASE WHEN count(cost) = count(*) AND count(DISTINCT cost_currency) <= 1 THEN sum(cost) END, max(cost_currency), '{}'
FROM usage_day WHERE kind IN ('integration', 'tool') GROUP BY workspace_id, day, kind;

-- Ratings by the day (UTC) of the first rating of their run. They outlive the run.
INSERT INTO usage_day (workspace_id, day, kind, key, runs, succeeded, failed, calls, call_errors, tokens, cost, times)
SELECT workspace_id, (created_at AT TIME ZONE 'UTC')::date, 'feedback', rating, count(*), 0, 0, 0, 0, 0, 0, '{}'
FROM feedback WHERE created_at > now() - interval '400 days' GROUP BY 1, 2, 4;

CREATE FUNCTION count_feedback() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
BEGIN
  -- In the order of the keys, so that two changes do not wait for each other.
  INSERT INTO public.usage_day AS u (workspace_id, day, kind, key, runs, succeeded, failed, calls, call_errors, tokens, cost, times)
  SELECT NEW.workspace_id, (NEW.created_at AT TIME ZONE 'UTC')::date, 'feedback', change.rating, change.n, 0, 0, 0, 0, 0, 0, '{}'
  FROM (SELECT NEW.rating AS rating, 1 AS n UNION ALL SELECT OLD.rating, -1 WHERE TG_OP = 'UPDATE') AS change ORDER BY change.rating
  ON CONFLICT (workspace_id, day, kind, key) DO UPDATE SET runs = u.runs + excluded.runs;
  RETURN NULL;
END $$;
CREATE TRIGGER feedback_counted AFTER INSERT ON feedback FOR EACH ROW EXECUTE FUNCTION count_feedback();
CREATE TRIGGER feedback_changed AFTER UPDATE OF rating ON feedback FOR EACH ROW WHEN (OLD.rating IS DISTINCT FROM NEW.rating)
  EXECUTE FUNCTION count_feedback();
