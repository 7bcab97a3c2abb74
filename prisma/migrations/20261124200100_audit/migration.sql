-- What was done, by whom, and to what. Written in the transaction of what it tells of, and never changed.
CREATE TABLE "audit" (
    "workspace_id" UUID NOT NULL,
    "audit_id" UUID NOT NULL,
    "actor_type" TEXT NOT NULL,
    "actor_id" TEXT,
    "actor_label" TEXT NOT NULL,
    "actor_ip" TEXT,
    "action" TEXT NOT NULL,
    "target" TEXT NOT NULL,
    "details" JSONB NOT NULL DEFAULT '{}',
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "audit_pkey" PRIMARY KEY ("workspace_id","audit_id")
);
CREATE INDEX "audit_workspace_id_action_audit_id_idx" ON "audit"("workspace_id", "action", "audit_id");
CREATE INDEX "audit_workspace_id_actor_id_audit_id_idx" ON "audit"("workspace_id", "actor_id", "audit_id");

-- The chain: each hash is over an entry and the hash before it. A table of its own, so that writers of entries do not wait for
-- one another; entries are taken into it by and by.
CREATE TABLE "audit_seal" (
    "workspace_id" UUID NOT NULL,
    "seq" INTEGER NOT NULL,
    "audit_id" UUID NOT NULL,
    "hash" TEXT NOT NULL,

    CONSTRAINT "audit_seal_pkey" PRIMARY KEY ("workspace_id","seq")
);
CREATE UNIQUE INDEX "audit_seal_workspace_id_audit_id_key" ON "audit_seal"("workspace_id", "audit_id");

-- Entries that are not in the chain yet.
CREATE TABLE "audit_unsealed" (
    "workspace_id" UUID NOT NULL,
    "audit_id" UUID NOT NULL,

    CONSTRAINT "audit_unsealed_pkey" PRIMARY KEY ("workspace_id","audit_id")
);

-- By hand from here on. -----------------------------------------------------------------------------------------

ALTER TABLE "audit" ADD CONSTRAINT "audit_actor_check" CHECK ("actor_type" IN ('api_key', 'system', 'human'));

CREATE SCHEMA "errand_audit";

CREATE FUNCTION "errand_audit"."refuse_change"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'The audit log is append-only: % of % is refused.', TG_OP, TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER "audit_append_only" BEFORE UPDATE OR DELETE ON "audit" FOR EACH ROW EXECUTE FUNCTION "errand_audit"."refuse_change"();
CREATE TRIGGER "audit_no_truncate" BEFORE TRUNCATE ON "audit" EXECUTE FUNCTION "errand_audit"."refuse_change"();
CREATE TRIGGER "audit_seal_append_only" BEFORE UPDATE OR DELETE ON "audit_seal" FOR EACH ROW EXECUTE FUNCTION "errand_audit"."refuse_change"();
CREATE TRIGGER "audit_seal_no_truncate" BEFORE TRUNCATE ON "audit_seal" EXECUTE FUNCTION "errand_audit"."refuse_change"();

CREATE FUNCTION "errand_audit"."note_unsealed"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO public.audit_unsealed (workspace_id, audit_id) VALUES (NEW.workspace_id, NEW.audit_id);
  RETURN NULL;
END
$$;
CREATE TRIGGER "audit_unsealed" AFTER INSERT ON "audit" FOR EACH ROW EXECUTE FUNCTION "errand_audit"."note_unsealed"();

-- What humans are asked and what they answer is written down by the statement that does it, whoever writes that.
CREATE FUNCTION "errand_audit"."note_waiting"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  topic text := CASE WHEN NEW.kind = 'effect' THEN 'effect' WHEN NEW.kind = 'consent' THEN 'consent' ELSE 'approval' END;
  done text := CASE WHEN TG_OP = 'INSERT' THEN 'asked' WHEN NEW.kind = 'effect' THEN 'resolved' ELSE 'decided' END;
BEGIN
  INSERT INTO public.audit (workspace_id, audit_id, actor_type, actor_id, actor_label, actor_ip, action, target, details)
  VALUES (NEW.workspace_id, errand_audit.new_id(),
    CASE WHEN TG_OP = 'INSERT' OR NEW.decided_by IS NULL THEN 'system' ELSE 'human' END, NULL,
    CASE WHEN TG_OP = 'INSERT' THEN 'errand' ELSE coalesce(NEW.decided_by, 'errand') END, NULL,
    topic || '.' || done, NEW.waiting_id::text,
    jsonb_strip_nulls(jsonb_build_object('runId', NEW.run_id, 'kind', NEW.kind, 'tool', NEW.tool, 'userId', NEW.user_id,
      'customerIntegrationId', NEW.customer_integration_id, 'sha256', NEW.sha256, 'decision', NEW.decision, 'reason', NEW.reason,
      'argsChanged', CASE WHEN NEW.decided_args IS NULL THEN NULL ELSE true END)));
  RETURN NULL;
END
$$;

-- A UUIDv7: 48 bits of Unix milliseconds before random ones.
CREATE FUNCTION "errand_audit"."new_id"() RETURNS uuid LANGUAGE sql VOLATILE AS $$
  SELECT (lpad(to_hex((extract(epoch FROM clock_timestamp()) * 1000)::bigint), 12, '0') || '7'
    || substr(replace(gen_random_uuid()::text, '-', ''), 14))::uuid
$$;

CREATE TRIGGER "waiting_asked" AFTER INSERT ON "waiting" FOR EACH ROW EXECUTE FUNCTION "errand_audit"."note_waiting"();
CREATE TRIGGER "waiting_decided" AFTER UPDATE OF "decided_at" ON "waiting" FOR EACH ROW
  WHEN (OLD."decided_at" IS NULL AND NEW."decided_at" IS NOT NULL AND NEW."decision" <> 'void')
  EXECUTE FUNCTION "errand_audit"."note_waiting"();
