-- Written by Prisma from the schema; the end of the file is by hand: what Prisma cannot say.

-- CreateTable
CREATE TABLE "workspace" (
    "workspace_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "workspace_pkey" PRIMARY KEY ("workspace_id")
);

-- CreateTable
CREATE TABLE "api_key" (
    "workspace_id" UUID NOT NULL,
    "api_key_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "hmac" BYTEA NOT NULL,
    "prefix" TEXT NOT NULL,
    "last4" TEXT NOT NULL,
    "scopes" TEXT[] NOT NULL,
    "created_by" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3),
    "revoked_at" TIMESTAMPTZ(3),
    "last_used_at" TIMESTAMPTZ(3),

    CONSTRAINT "api_key_pkey" PRIMARY KEY ("workspace_id","api_key_id")
);

-- CreateTable
CREATE TABLE "integration" (
    "workspace_id" UUID NOT NULL,
    "customer_integration_id" TEXT NOT NULL,
    "integration_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "description" TEXT,
    "logo_url" TEXT,
    "host" TEXT NOT NULL,
    "base_url" TEXT NOT NULL,
    "auth" JSONB NOT NULL,
    "sealed_token" BYTEA,
    "token_last4" TEXT,
    "token_fingerprint" TEXT,
    "document" TEXT,
    "document_sha256" TEXT,
    "instructions" TEXT,
    "active" BOOLEAN NOT NULL DEFAULT true,
    "warnings" JSONB NOT NULL DEFAULT '[]',
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "integration_pkey" PRIMARY KEY ("workspace_id","customer_integration_id")
);

-- CreateTable
CREATE TABLE "tool" (
    "workspace_id" UUID NOT NULL,
    "customer_integration_id" TEXT NOT NULL,
    "operation" TEXT NOT NULL,
    "position" INTEGER NOT NULL,
    "name" TEXT NOT NULL,
    "summary" TEXT,
    "description" TEXT,
    "method" TEXT,
    "path" TEXT,
    "input_schema" JSONB NOT NULL,
    "output_schema" JSONB,
    "call" JSONB NOT NULL,
    "effect" TEXT NOT NULL,
    "idempotent" BOOLEAN NOT NULL DEFAULT false,
    "enabled" BOOLEAN NOT NULL DEFAULT true,
    "sha256" TEXT NOT NULL,

    CONSTRAINT "tool_pkey" PRIMARY KEY ("workspace_id","customer_integration_id","operation")
);

-- CreateTable
CREATE TABLE "integration_user" (
    "workspace_id" UUID NOT NULL,
    "customer_integration_id" TEXT NOT NULL,
    "user_id" TEXT NOT NULL,
    "sealed" BYTEA,
    "last4" TEXT,
    "fingerprint" TEXT,
    "active" BOOLEAN NOT NULL DEFAULT true,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "integration_user_pkey" PRIMARY KEY ("workspace_id","customer_integration_id","user_id")
);

-- CreateTable
CREATE TABLE "run" (
    "workspace_id" UUID NOT NULL,
    "run_id" UUID NOT NULL,
    "execution_plan_id" UUID NOT NULL,
    "repeat_key" TEXT NOT NULL,
    "repeat_run_id" UUID,
    "status" TEXT NOT NULL DEFAULT 'QUEUED',
    "intent" TEXT NOT NULL,
    "context" TEXT NOT NULL DEFAULT '',
    "user_id" TEXT NOT NULL,
    "approval_strategy" TEXT NOT NULL DEFAULT 'NONE',
    "selected" TEXT[] NOT NULL,
    "output_schema" JSONB,
    "signature" BYTEA NOT NULL,
    "budget" JSONB NOT NULL DEFAULT '{}',
    "metadata" JSONB NOT NULL DEFAULT '{}',
    "own_plan" JSONB,
    "result" JSONB,
    "error" JSONB,
    "steps" INTEGER NOT NULL DEFAULT 0,
    "tool_calls" INTEGER NOT NULL DEFAULT 0,
    "input_tokens" INTEGER NOT NULL DEFAULT 0,
    "output_tokens" INTEGER NOT NULL DEFAULT 0,
    "active_ms" INTEGER NOT NULL DEFAULT 0,
    "seq" INTEGER NOT NULL DEFAULT 0,
    "epoch" INTEGER NOT NULL DEFAULT 0,
    "lease" TEXT,
    "wake" BOOLEAN NOT NULL DEFAULT false,
    "priority" SMALLINT NOT NULL DEFAULT 0,
    "due_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "started_at" TIMESTAMPTZ(3),
    "ended_at" TIMESTAMPTZ(3),

    CONSTRAINT "run_pkey" PRIMARY KEY ("workspace_id","run_id")
);

-- CreateTable
CREATE TABLE "run_event" (
    "workspace_id" UUID NOT NULL,
    "run_id" UUID NOT NULL,
    "seq" INTEGER NOT NULL,
    "type" TEXT NOT NULL,
    "data" JSON NOT NULL,
    "tool_calls" JSON,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "run_event_pkey" PRIMARY KEY ("workspace_id","run_id","seq")
) PARTITION BY RANGE ("run_id");

-- CreateTable
CREATE TABLE "execution_plan" (
    "workspace_id" UUID NOT NULL,
    "execution_plan_id" UUID NOT NULL,
    "run_id" UUID NOT NULL,
    "plan_type" TEXT NOT NULL,
    "plan" JSONB NOT NULL,
    "version" INTEGER NOT NULL DEFAULT 1,
    "made_by" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "execution_plan_pkey" PRIMARY KEY ("workspace_id","execution_plan_id")
);

-- CreateTable
CREATE TABLE "ledger" (
    "workspace_id" UUID NOT NULL,
    "run_id" UUID NOT NULL,
    "key" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "step_id" TEXT,
    "iteration" INTEGER NOT NULL DEFAULT 0,
    "tool" TEXT,
    "args" JSON,
    "args_sha256" TEXT,
    "effect" TEXT,
    "state" TEXT NOT NULL,
    "output" JSON,
    "error" JSON,
    "idempotency_key" TEXT,
    "epoch" INTEGER NOT NULL DEFAULT 0,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "input_tokens" INTEGER NOT NULL DEFAULT 0,
    "output_tokens" INTEGER NOT NULL DEFAULT 0,
    "started_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "finished_at" TIMESTAMPTZ(3),

    CONSTRAINT "ledger_pkey" PRIMARY KEY ("workspace_id","run_id","key")
);

-- CreateTable
CREATE TABLE "feedback" (
    "workspace_id" UUID NOT NULL,
    "run_id" UUID NOT NULL,
    "feedback_id" UUID NOT NULL,
    "rating" TEXT NOT NULL,
    "comment" TEXT,
    "source" JSONB,
    "metadata" JSONB,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "feedback_pkey" PRIMARY KEY ("workspace_id","run_id")
);

-- CreateTable
CREATE TABLE "idempotency" (
    "workspace_id" UUID NOT NULL,
    "operation" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "request_sha256" BYTEA NOT NULL,
    "state" TEXT NOT NULL,
    "status" INTEGER,
    "body" JSON,
    "run_id" UUID,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "locked_until" TIMESTAMPTZ(3),
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "idempotency_pkey" PRIMARY KEY ("workspace_id","operation","key")
);

-- CreateTable
CREATE TABLE "worker_pool" (
    "worker_pool_id" TEXT NOT NULL,
    "host" TEXT NOT NULL,
    "started_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "heartbeat_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "worker_pool_pkey" PRIMARY KEY ("worker_pool_id")
);

-- CreateTable
CREATE TABLE "vault_canary" (
    "key_id" TEXT NOT NULL,
    "sealed" BYTEA NOT NULL,

    CONSTRAINT "vault_canary_pkey" PRIMARY KEY ("key_id")
);

-- CreateIndex
CREATE UNIQUE INDEX "api_key_hmac_key" ON "api_key"("hmac");

-- CreateIndex
CREATE UNIQUE INDEX "integration_workspace_id_integration_id_key" ON "integration"("workspace_id", "integration_id");

-- CreateIndex
CREATE INDEX "integration_user_workspace_id_user_id_idx" ON "integration_user"("workspace_id", "user_id");

-- CreateIndex
CREATE INDEX "run_workspace_id_status_run_id_idx" ON "run"("workspace_id", "status", "run_id");

-- CreateIndex
CREATE INDEX "run_workspace_id_user_id_run_id_idx" ON "run"("workspace_id", "user_id", "run_id");

-- CreateIndex
CREATE INDEX "execution_plan_workspace_id_run_id_idx" ON "execution_plan"("workspace_id", "run_id");

-- CreateIndex
CREATE UNIQUE INDEX "feedback_workspace_id_feedback_id_key" ON "feedback"("workspace_id", "feedback_id");

-- CreateIndex
CREATE INDEX "idempotency_expires_at_idx" ON "idempotency"("expires_at");

-- AddForeignKey
ALTER TABLE "api_key" ADD CONSTRAINT "api_key_workspace_id_fkey" FOREIGN KEY ("workspace_id") REFERENCES "workspace"("workspace_id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "integration" ADD CONSTRAINT "integration_workspace_id_fkey" FOREIGN KEY ("workspace_id") REFERENCES "workspace"("workspace_id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "tool" ADD CONSTRAINT "tool_workspace_id_customer_integration_id_fkey" FOREIGN KEY ("workspace_id", "customer_integration_id") REFERENCES "integration"("workspace_id", "customer_integration_id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "integration_user" ADD CONSTRAINT "integration_user_workspace_id_customer_integration_id_fkey" FOREIGN KEY ("workspace_id", "customer_integration_id") REFERENCES "integration"("workspace_id", "customer_integration_id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "execution_plan" ADD CONSTRAINT "execution_plan_workspace_id_run_id_fkey" FOREIGN KEY ("workspace_id", "run_id") REFERENCES "run"("workspace_id", "run_id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "feedback" ADD CONSTRAINT "feedback_workspace_id_run_id_fkey" FOREIGN KEY ("workspace_id", "run_id") REFERENCES "run"("workspace_id", "run_id") ON DELETE CASCADE ON UPDATE CASCADE;

-- By hand from here on. -----------------------------------------------------------------------------------------

ALTER TABLE "run" ADD CONSTRAINT "run_status_check" CHECK ("status" IN
  ('QUEUED', 'RUNNING', 'AUTH_REQUIRED', 'PAUSED', 'SUCCESS', 'PARTIAL_SUCCESS', 'NO_SUCCESS', 'FAILED', 'CANCELED'));
ALTER TABLE "run" ADD CONSTRAINT "run_approval_strategy_check" CHECK ("approval_strategy" IN ('NONE', 'ON_START', 'ON_TOOL_CALL', 'ON_WRITE'));
ALTER TABLE "integration" ADD CONSTRAINT "integration_kind_check" CHECK ("kind" IN ('openapi', 'mcp'));
ALTER TABLE "tool" ADD CONSTRAINT "tool_effect_check" CHECK ("effect" IN ('read', 'write'));
ALTER TABLE "execution_plan" ADD CONSTRAINT "execution_plan_type_check" CHECK ("plan_type" IN ('text', 'json'));
ALTER TABLE "ledger" ADD CONSTRAINT "ledger_kind_check" CHECK ("kind" IN ('tool', 'model'));
ALTER TABLE "ledger" ADD CONSTRAINT "ledger_state_check" CHECK ("state" IN ('INTENDED', 'DONE', 'FAILED', 'UNCERTAIN', 'SKIPPED'));
ALTER TABLE "feedback" ADD CONSTRAINT "feedback_rating_check" CHECK ("rating" IN ('positive', 'negative'));
ALTER TABLE "idempotency" ADD CONSTRAINT "idempotency_state_check" CHECK ("state" IN ('IN_FLIGHT', 'DONE'));

-- A run's row is updated with each event. Room on the page and no index on what changes with each event keep those
-- updates heap-only; a big context or result moves out of the row, so that a new version of it stays small.
ALTER TABLE "run" SET (fillfactor = 75, toast_tuple_target = 512, autovacuum_vacuum_scale_factor = 0.05);
ALTER TABLE "ledger" SET (fillfactor = 85);
-- Sealed bytes and hashes do not shrink.
ALTER TABLE "integration" ALTER COLUMN "sealed_token" SET STORAGE EXTERNAL;
ALTER TABLE "integration_user" ALTER COLUMN "sealed" SET STORAGE EXTERNAL;

-- Whose worker died, and what is due: both hold only the runs in question.
CREATE INDEX "run_lease_idx" ON "run" ("lease") WHERE "lease" IS NOT NULL;
CREATE INDEX "run_due_idx" ON "run" ("due_at") WHERE "due_at" IS NOT NULL;
-- What an equal run could repeat.
CREATE INDEX "run_repeat_idx" ON "run" ("workspace_id", "repeat_key", "signature", "run_id") WHERE "status" = 'SUCCESS';
-- Rare selections and metadata; for common ones the planner walks the primary key.
CREATE INDEX "run_selected_idx" ON "run" USING gin ("selected");
CREATE INDEX "run_metadata_idx" ON "run" USING gin ("metadata" jsonb_path_ops) WHERE "metadata" <> '{}';

-- Events lie in monthly partitions, in a schema of their own.
CREATE SCHEMA "errand_parts";
CREATE TABLE "errand_parts"."run_event_default" PARTITION OF "run_event" DEFAULT;

-- The smallest UUIDv7 of a moment: 48 bits of Unix milliseconds, the rest zero.
CREATE FUNCTION "errand_parts"."uuid_floor"("at" timestamptz) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
  SELECT (lpad(to_hex((extract(epoch FROM "at") * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid
$$;

-- Makes the partition of the month of "at" and of the one after it, where they are missing; returns how many it made.
-- Rows that came too early for their partition are taken out of the default one.
CREATE FUNCTION "errand_parts"."ensure_run_event"("at" timestamptz DEFAULT now()) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
  month timestamp := date_trunc('month', "at" AT TIME ZONE 'UTC');
  part text;
  low uuid;
  high uuid;
  made int := 0;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('errand_parts.ensure_run_event'));
  FOR i IN 0..1 LOOP
    part := 'run_event_' || to_char(month, 'YYYYMM');
    IF to_regclass(format('errand_parts.%I', part)) IS NULL THEN
      low := errand_parts.uuid_floor(month AT TIME ZONE 'UTC');
      high := errand_parts.uuid_floor((month + interval '1 month') AT TIME ZONE 'UTC');
      EXECUTE format('CREATE TABLE errand_parts.%I (LIKE public.run_event INCLUDING ALL)', part);
      EXECUTE format('WITH moved AS (DELETE FROM errand_parts.run_event_default WHERE run_id >= %L AND run_id < %L RETURNING *)
        INSERT INTO errand_parts.%I SELECT * FROM moved', low, high, part);
      EXECUTE format('ALTER TABLE public.run_event ATTACH PARTITION errand_parts.%I FOR VALUES FROM (%L) TO (%L)', part, low, high);
      made := made + 1;
    END IF;
    month := month + interval '1 month';
  END LOOP;
  RETURN made;
END
$$;

SELECT "errand_parts"."ensure_run_event"();
