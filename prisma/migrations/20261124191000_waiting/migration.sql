-- What a run waits for: one row for each thing that a human must do. The row is the decision, too, once it is taken.
CREATE TABLE "waiting" (
    "workspace_id" UUID NOT NULL,
    "waiting_id" UUID NOT NULL,
    "run_id" UUID NOT NULL,
    "user_id" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "step_id" TEXT,
    "customer_integration_id" TEXT,
    "tool" TEXT,
    "args" JSON,
    "sha256" TEXT,
    "text" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3),
    "decided_at" TIMESTAMPTZ(3),
    "decision" TEXT,
    "decided_by" TEXT,
    "reason" TEXT,
    "decided_args" JSON,
    "output" JSON,

    CONSTRAINT "waiting_pkey" PRIMARY KEY ("workspace_id","waiting_id")
);
CREATE INDEX "waiting_workspace_id_run_id_idx" ON "waiting"("workspace_id", "run_id");
ALTER TABLE "waiting" ADD CONSTRAINT "waiting_workspace_id_run_id_fkey" FOREIGN KEY ("workspace_id", "run_id") REFERENCES "run"("workspace_id", "run_id") ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE "run" DROP COLUMN "own_plan";
ALTER TABLE "run" ADD COLUMN "admitted" BOOLEAN NOT NULL DEFAULT true;

-- By hand from here on. -----------------------------------------------------------------------------------------

ALTER TABLE "waiting" ADD CONSTRAINT "waiting_kind_check" CHECK ("kind" IN ('plan_approval', 'tool_approval', 'consent', 'effect'));
ALTER TABLE "waiting" ADD CONSTRAINT "waiting_decision_check" CHECK (("decided_at" IS NULL) = ("decision" IS NULL));

-- One question at a time about one thing of a run; what is open, by workspace and by the moment at which it expires.
CREATE UNIQUE INDEX "waiting_open_idx" ON "waiting" ("workspace_id", "run_id", "kind", "key") WHERE "decided_at" IS NULL;
CREATE INDEX "waiting_pending_idx" ON "waiting" ("workspace_id", "waiting_id") WHERE "decided_at" IS NULL;
CREATE INDEX "waiting_expires_idx" ON "waiting" ("expires_at") WHERE "decided_at" IS NULL;
CREATE INDEX "waiting_consent_idx" ON "waiting" ("workspace_id", "customer_integration_id", "user_id") WHERE "decided_at" IS NULL AND "kind" = 'consent';

-- Runs that wait for their workspace's turn, in the order in which they will be admitted to the queue.
CREATE INDEX "run_unadmitted_idx" ON "run" ("workspace_id", "priority" DESC, "run_id") WHERE NOT "admitted";
