-- The user token by which a request was decided, which the audit entry of the decision names.
ALTER TABLE decision_request ADD COLUMN decided_user_token uuid;

CREATE OR REPLACE FUNCTION errand_audit.write_decision_request() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  topic text := CASE WHEN NEW.kind IN ('effect', 'consent', 'question', 'input') THEN NEW.kind ELSE 'approval' END;
  done text := CASE WHEN TG_OP = 'INSERT' THEN 'asked' WHEN NEW.kind = 'effect' THEN 'resolved' ELSE 'decided' END;
  -- A request that expired was decided by Errand.
  who text := CASE WHEN TG_OP = 'INSERT' THEN 'system:errand' ELSE coalesce(NEW.decided_principal, 'system:errand') END;
BEGIN
  INSERT INTO public.audit (workspace_id, audit_id, actor_type, actor_id, actor_label, actor_ip, action, target, details)
  VALUES (NEW.workspace_id, errand_audit.new_id(), split_part(who, ':', 1), substr(who, strpos(who, ':') + 1),
    CASE WHEN TG_OP = 'INSERT' THEN 'errand' ELSE coalesce(NEW.decided_by, 'errand') END, NULL,
    topic || '.' || done, NEW.decision_request_id::text,
    jsonb_strip_nulls(jsonb_build_object('runId', NEW.run_id, 'kind', NEW.kind, 'tool', NEW.tool, 'userId', NEW.user_id,
      'customerIntegrationId', NEW.customer_integration_id, 'sha256', NEW.sha256, 'decision', NEW.decision, 'reason', NEW.reason,
      'argsChanged', CASE WHEN NEW.decided_args IS NULL THEN NULL ELSE true END, 'userTokenId', NEW.decided_user_token)));
  RETURN NULL;
END
$$;
