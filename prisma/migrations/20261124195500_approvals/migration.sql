-- Who asked for a run, and what need not be asked again.
ALTER TABLE "run" ADD COLUMN "requested_by" UUID;

CREATE TABLE "approval_rule" (
    "workspace_id" UUID NOT NULL,
    "approval_rule_id" UUID NOT NULL,
    "customer_integration_id" TEXT NOT NULL,
    "tool" TEXT NOT NULL,
    "user_id" TEXT,
    "args_schema" JSONB,
    "tool_sha256" TEXT NOT NULL,
    "reason" TEXT,
    "created_by" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "revoked_at" TIMESTAMPTZ(3),

    CONSTRAINT "approval_rule_pkey" PRIMARY KEY ("workspace_id","approval_rule_id")
);
ALTER TABLE "approval_rule" ADD CONSTRAINT "approval_rule_workspace_id_customer_integration_id_fkey" FOREIGN KEY ("workspace_id", "customer_integration_id") REFERENCES "integration"("workspace_id", "customer_integration_id") ON DELETE CASCADE ON UPDATE CASCADE;

-- By hand from here on. -----------------------------------------------------------------------------------------

-- REFUSED: it was sent and known not to have happened; it may be made again.
ALTER TABLE "ledger" DROP CONSTRAINT "ledger_state_check";
ALTER TABLE "ledger" ADD CONSTRAINT "ledger_state_check" CHECK ("state" IN ('INTENDED', 'DONE', 'FAILED', 'UNCERTAIN', 'SKIPPED', 'REFUSED'));
CREATE INDEX "approval_rule_live_idx" ON "approval_rule" ("workspace_id", "tool") WHERE "revoked_at" IS NULL;
