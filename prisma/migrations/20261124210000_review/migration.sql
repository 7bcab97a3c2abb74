-- What of an integration's source changed since its owner looked at it.
ALTER TABLE "integration"
    ADD COLUMN "source_url" TEXT,
    ADD COLUMN "pending_base_url" TEXT,
    ADD COLUMN "needs_review" BOOLEAN NOT NULL DEFAULT false;

ALTER TABLE "tool" ADD COLUMN "change" TEXT;
