-- A service can ask the user something in the middle of a call: decision requests of the kind input. What is asked is in args; the answer
-- is in output, as {action, content}; the decision is answer, or deny for one that was declined.
ALTER TABLE decision_request DROP CONSTRAINT decision_request_kind_check;
ALTER TABLE decision_request ADD CONSTRAINT decision_request_kind_check
  CHECK (kind IN ('plan_approval', 'tool_approval', 'consent', 'effect', 'question', 'input'));

-- The state that the service gets back with the answer, sealed.
ALTER TABLE decision_request ADD COLUMN sealed_state bytea;

-- The audit log has input.asked and input.decided, without the answer.
CREATE OR REPLACE FUNCTION errand_audit.write_decision_request() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  topic text := CASE WHEN NEW.kind IN ('effect', 'consent', 'question', 'input') THEN NEW.kind ELSE 'approval' END;
  done text := CASE WHEN TG_OP = 'INSERT' THEN 'asked' WHEN NEW.kind = 'effect' THEN 'resolved' ELSE 'decided' END;
  -- Nobody decided a request that expired: then it was Errand.
  who text := CASE WHEN TG_OP = 'INSERT' THEN 'system:errand' ELSE coalesce(NEW.decided_principal, 'system:errand') END;
BEGIN
  INSERT INTO public.audit (workspace_id, audit_id, actor_type, actor_id, actor_label, actor_ip, action, target, details)
  VALUES (NEW.workspace_id, errand_audit.new_id(), split_part(who, ':', 1), substr(who, strpos(who, ':') + 1),
    CASE WHEN TG_OP = 'INSERT' THEN 'errand' ELSE coalesce(NEW.decided_by, 'errand') END, NULL,
    topic || '.' || done, NEW.decision_request_id::text,
    jsonb_strip_nulls(jsonb_build_object('runId', NEW.run_id, 'kind', NEW.kind, 'tool', NEW.tool, 'userId', NEW.user_id,
      'customerIntegrationId', NEW.customer_integration_id, 'sha256', NEW.sha256, 'decision', NEW.decision, 'reason', NEW.reason,
      'argsChanged', CASE WHEN NEW.decided_args IS NULL THEN NULL ELSE true END)));
  RETURN NULL;
END
$$;
