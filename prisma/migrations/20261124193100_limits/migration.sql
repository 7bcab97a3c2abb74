-- Which key took the place of another that was rotated.
ALTER TABLE "api_key" ADD COLUMN "replaced_by" UUID;

-- Places for open streams that a process has taken for a key. One that is not renewed counts no more.
CREATE UNLOGGED TABLE "stream_lease" (
    "workspace_id" UUID NOT NULL,
    "api_key_id" UUID NOT NULL,
    "holder_id" UUID NOT NULL,
    "streams" INTEGER NOT NULL,
    "renewed_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "stream_lease_pkey" PRIMARY KEY ("workspace_id","api_key_id","holder_id")
);
ALTER TABLE "stream_lease" ADD CONSTRAINT "stream_lease_workspace_id_api_key_id_fkey" FOREIGN KEY ("workspace_id", "api_key_id") REFERENCES "api_key"("workspace_id", "api_key_id") ON DELETE CASCADE ON UPDATE CASCADE;

-- How far a key has spent its requests: the moment at which its whole quota is there again.
CREATE UNLOGGED TABLE "request_quota" (
    "workspace_id" UUID NOT NULL,
    "api_key_id" UUID NOT NULL,
    "full_at" TIMESTAMPTZ(3) NOT NULL,
    "granted" INTEGER NOT NULL,

    CONSTRAINT "request_quota_pkey" PRIMARY KEY ("workspace_id","api_key_id")
);
ALTER TABLE "request_quota" ADD CONSTRAINT "request_quota_workspace_id_api_key_id_fkey" FOREIGN KEY ("workspace_id", "api_key_id") REFERENCES "api_key"("workspace_id", "api_key_id") ON DELETE CASCADE ON UPDATE CASCADE;

-- By hand from here on. -----------------------------------------------------------------------------------------

-- UNLOGGED above: a crash of Postgres empties both tables, and forgetting who had how much does no harm.
CREATE INDEX "stream_lease_renewed_at_idx" ON "stream_lease" ("renewed_at");
