-- Who a key is: a rotated key is the same principal, named by the first key of the chain.
ALTER TABLE "api_key" ADD COLUMN "principal_id" UUID;
WITH RECURSIVE chain AS (
  SELECT "workspace_id", "api_key_id", "api_key_id" AS "first", "replaced_by" FROM "api_key" k
  WHERE NOT EXISTS (SELECT 1 FROM "api_key" b WHERE b."workspace_id" = k."workspace_id" AND b."replaced_by" = k."api_key_id")
  UNION ALL
  SELECT k."workspace_id", k."api_key_id", chain."first", k."replaced_by" FROM chain
  JOIN "api_key" k ON k."workspace_id" = chain."workspace_id" AND k."api_key_id" = chain."replaced_by"
)
UPDATE "api_key" k SET "principal_id" = chain."first" FROM chain
WHERE chain."workspace_id" = k."workspace_id" AND chain."api_key_id" = k."api_key_id";
ALTER TABLE "api_key" ALTER COLUMN "principal_id" SET NOT NULL;

-- Rows name a principal by its kind and id, as `api_key:…`.
ALTER TABLE "run" ALTER COLUMN "requested_by" TYPE TEXT USING 'api_key:' || "requested_by";
UPDATE "run" SET "requested_by" = 'api_key:' || k."principal_id" FROM "api_key" k
WHERE k."workspace_id" = "run"."workspace_id" AND "run"."requested_by" = 'api_key:' || k."api_key_id" AND k."principal_id" <> k."api_key_id";
ALTER TABLE "approval_rule" ADD COLUMN "created_principal" TEXT;
ALTER TABLE "waiting" ADD COLUMN "decided_principal" TEXT;

-- By hand from here on. -----------------------------------------------------------------------------------------

-- Entries name the kind of principal. Those that say `human` are sealed and stay as they are.
ALTER TABLE "audit" DROP CONSTRAINT "audit_actor_check";
ALTER TABLE "audit" ADD CONSTRAINT "audit_actor_check" CHECK ("actor_type" IN ('api_key', 'link', 'system')) NOT VALID;

CREATE OR REPLACE FUNCTION "errand_audit"."note_waiting"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  topic text := CASE WHEN NEW.kind = 'effect' THEN 'effect' WHEN NEW.kind = 'consent' THEN 'consent' ELSE 'approval' END;
  done text := CASE WHEN TG_OP = 'INSERT' THEN 'asked' WHEN NEW.kind = 'effect' THEN 'resolved' ELSE 'decided' END;
  -- Whoever answers is named; without a name it was Errand, as when a question expires.
  who text := CASE WHEN TG_OP = 'INSERT' THEN 'system:errand' ELSE coalesce(NEW.decided_principal, 'system:errand') END;
BEGIN
  INSERT INTO public.audit (workspace_id, audit_id, actor_type, actor_id, actor_label, actor_ip, action, target, details)
  VALUES (NEW.workspace_id, errand_audit.new_id(), split_part(who, ':', 1), substr(who, strpos(who, ':') + 1),
    CASE WHEN TG_OP = 'INSERT' THEN 'errand' ELSE coalesce(NEW.decided_by, 'errand') END, NULL,
    topic || '.' || done, NEW.waiting_id::text,
    jsonb_strip_nulls(jsonb_build_object('runId', NEW.run_id, 'kind', NEW.kind, 'tool', NEW.tool, 'userId', NEW.user_id,
      'customerIntegrationId', NEW.customer_integration_id, 'sha256', NEW.sha256, 'decision', NEW.decision, 'reason', NEW.reason,
      'argsChanged', CASE WHEN NEW.decided_args IS NULL THEN NULL ELSE true END)));
  RETURN NULL;
END
$$;
