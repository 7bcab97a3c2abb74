-- The messages run.started and connection.created; and run.waiting holds the state of its run at the time of the event.

-- $1 of the trigger: the type of the message. Without it, the status decides.
CREATE OR REPLACE FUNCTION errand_webhooks.note_run() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  what text := coalesce(TG_ARGV[0], CASE WHEN NEW.ended_at IS NULL THEN 'run.waiting' ELSE 'run.end' END);
BEGIN
  INSERT INTO public.webhook_message (workspace_id, message_id, type, run_id, seq, data)
  SELECT NEW.workspace_id, errand_audit.new_id(), what, NEW.run_id, NEW.seq,
    CASE WHEN NEW.ended_at IS NULL THEN jsonb_build_object('status', NEW.status, 'steps', NEW.steps, 'toolCalls', NEW.tool_calls,
      'inputTokens', NEW.input_tokens, 'cachedInputTokens', NEW.cached_input_tokens, 'outputTokens', NEW.output_tokens,
      'cost', NEW.cost, 'costCurrency', NEW.cost_currency, 'activeMs', NEW.active_ms,
      'requests', (SELECT jsonb_agg(d.decision_request_id) FROM (SELECT r.decision_request_id FROM public.decision_request r
        WHERE r.workspace_id = NEW.workspace_id AND r.run_id = NEW.run_id AND r.decided_at IS NULL
        ORDER BY r.decision_request_id LIMIT 10) AS d)) END
  WHERE EXISTS (SELECT FROM public.webhook w
    WHERE w.workspace_id = NEW.workspace_id AND w.active AND w.events && ARRAY[what, '*']);
  RETURN NULL;
END
$$;

CREATE TRIGGER run_created_started_told AFTER INSERT ON run FOR EACH ROW
  WHEN (NEW.started_at IS NOT NULL)
  EXECUTE FUNCTION errand_webhooks.note_run('run.started');
CREATE TRIGGER run_started_told AFTER UPDATE OF started_at ON run FOR EACH ROW
  WHEN (OLD.started_at IS NULL AND NEW.started_at IS NOT NULL)
  EXECUTE FUNCTION errand_webhooks.note_run('run.started');

-- A user has given a credential or a consent: the first, or another one after its service had rejected the earlier one.
CREATE FUNCTION errand_webhooks.note_connected() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO public.webhook_message (workspace_id, message_id, type, data)
  SELECT NEW.workspace_id, errand_audit.new_id(), 'connection.created', jsonb_build_object(
    'customerIntegrationId', NEW.customer_integration_id, 'integrationName', i.name, 'userId', NEW.user_id,
    'reconnected', TG_ARGV[0]::boolean)
  FROM public.integration i
  WHERE i.workspace_id = NEW.workspace_id AND i.customer_integration_id = NEW.customer_integration_id
    AND EXISTS (SELECT FROM public.webhook w
      WHERE w.workspace_id = NEW.workspace_id AND w.active AND w.events && ARRAY['connection.created', '*']);
  RETURN NULL;
END
$$;
CREATE TRIGGER integration_user_created_told AFTER INSERT ON integration_user FOR EACH ROW
  WHEN (NEW.sealed IS NOT NULL OR NEW.sealed_grant IS NOT NULL)
  EXECUTE FUNCTION errand_webhooks.note_connected('false');
CREATE TRIGGER integration_user_connected_told AFTER UPDATE OF sealed, sealed_grant ON integration_user FOR EACH ROW
  WHEN (OLD.sealed IS NULL AND OLD.sealed_grant IS NULL AND (NEW.sealed IS NOT NULL OR NEW.sealed_grant IS NOT NULL)
    AND OLD.reconnect_reason IS NULL)
  EXECUTE FUNCTION errand_webhooks.note_connected('false');
CREATE TRIGGER integration_user_reconnected_told AFTER UPDATE OF sealed, sealed_grant ON integration_user FOR EACH ROW
  WHEN ((NEW.sealed IS NOT NULL OR NEW.sealed_grant IS NOT NULL)
    AND ((OLD.token_rejected_at IS NOT NULL AND NEW.token_rejected_at IS NULL)
      OR (OLD.reconnect_reason IS NOT NULL AND NEW.reconnect_reason IS NULL)))
  EXECUTE FUNCTION errand_webhooks.note_connected('true');
