-- Where each credential may be sent, and since when its service refuses it. A credential from before has no destination: it is
-- asked for again. A consent that is under way starts again.
ALTER TABLE "integration"
    ADD COLUMN "token_destination" TEXT,
    ADD COLUMN "token_rejected_at" TIMESTAMPTZ(3);

ALTER TABLE "integration_user"
    ADD COLUMN "token_destination" TEXT,
    ADD COLUMN "token_rejected_at" TIMESTAMPTZ(3),
    ADD COLUMN "grant_destination" TEXT;

ALTER TABLE "oauth_pending" ADD COLUMN "grant_destination" TEXT NOT NULL DEFAULT '';
