-- A product names the person for whom it acts: a principal of the kind `claimed`, as `claimed:<product>:<id>`. Its name is stored
-- next to its identity, because no other row has it.
ALTER TABLE run ADD COLUMN requested_label text;

-- The persons who alone decide about a run, as [{type, id, label}]; null: every principal with the scope.
ALTER TABLE run ADD COLUMN approvers jsonb;

-- The key that was used for a decision, if it is not the first of its chain.
ALTER TABLE decision_request ADD COLUMN decided_key uuid;

ALTER TABLE audit DROP CONSTRAINT audit_actor_check,
  ADD CONSTRAINT audit_actor_check CHECK (actor_type IN ('api_key', 'subject', 'person', 'claimed', 'platform', 'link', 'system'));

CREATE OR REPLACE FUNCTION errand_audit.write_decision_request() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  topic text := CASE WHEN NEW.kind IN ('effect', 'consent', 'question', 'input') THEN NEW.kind ELSE 'approval' END;
  done text := CASE WHEN TG_OP = 'INSERT' THEN 'asked' WHEN NEW.kind = 'effect' THEN 'resolved' ELSE 'decided' END;
  -- An expired request has no decider: the service is the actor.
  who text := CASE WHEN TG_OP = 'INSERT' THEN 'system:errand' ELSE coalesce(NEW.decided_principal, 'system:errand') END;
BEGIN
  INSERT INTO public.audit (workspace_id, audit_id, actor_type, actor_id, actor_label, actor_ip, action, target, details)
  VALUES (NEW.workspace_id, errand_audit.new_id(), split_part(who, ':', 1), substr(who, strpos(who, ':') + 1),
    CASE WHEN TG_OP = 'INSERT' THEN 'errand' ELSE coalesce(NEW.decided_by, 'errand') END, NULL,
    topic || '.' || done, NEW.decision_request_id::text,
    jsonb_strip_nulls(jsonb_build_object('runId', NEW.run_id, 'kind', NEW.kind, 'tool', NEW.tool, 'userId', NEW.user_id,
      'customerIntegrationId', NEW.customer_integration_id, 'sha256', NEW.sha256, 'decision', NEW.decision, 'reason', NEW.reason,
      'argsChanged', CASE WHEN NEW.decided_args IS NULL THEN NULL ELSE true END, 'byApiKeyId', NEW.decided_key,
      'userTokenId', NEW.decided_user_token)));
  RETURN NULL;
END
$$;

-- The keys that can name the persons of a product.
CREATE INDEX api_key_product_idx ON api_key (workspace_id, product) WHERE product IS NOT NULL;
