-- What users grant at authorization servers, and what is kept while they are asked.
ALTER TABLE "integration" ADD COLUMN "oauth_server" JSONB;

ALTER TABLE "integration_user"
    ADD COLUMN "sealed_grant" BYTEA,
    ADD COLUMN "grant_expires_at" TIMESTAMPTZ(3),
    ADD COLUMN "scope" TEXT,
    ADD COLUMN "issuer" TEXT,
    ADD COLUMN "reconnect_reason" TEXT,
    ADD COLUMN "refresh_lease" UUID,
    ADD COLUMN "refresh_until" TIMESTAMPTZ(3);

ALTER TABLE "run" ADD COLUMN "sealed_pass_through" BYTEA;

CREATE TABLE "oauth_pending" (
    "workspace_id" UUID NOT NULL,
    "state_hash" TEXT NOT NULL,
    "customer_integration_id" TEXT NOT NULL,
    "user_id" TEXT NOT NULL,
    "sealed" BYTEA NOT NULL,
    "issuer" TEXT,
    "redirect_uri" TEXT NOT NULL,
    "scope" TEXT,
    "return_to" TEXT,
    "browser_hash" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "oauth_pending_pkey" PRIMARY KEY ("workspace_id","state_hash")
);
CREATE INDEX "oauth_pending_workspace_id_expires_at_idx" ON "oauth_pending"("workspace_id", "expires_at");
ALTER TABLE "oauth_pending" ADD CONSTRAINT "oauth_pending_workspace_id_customer_integration_id_fkey" FOREIGN KEY ("workspace_id", "customer_integration_id") REFERENCES "integration"("workspace_id", "customer_integration_id") ON DELETE CASCADE ON UPDATE CASCADE;
