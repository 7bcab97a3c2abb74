-- Which master key seals: one for all processes, whatever each lists first. And which keys each living process knows.
ALTER TABLE "vault_canary" ADD COLUMN "sealing_since" TIMESTAMPTZ(3);
-- By hand: one at most.
CREATE UNIQUE INDEX "vault_canary_sealing" ON "vault_canary" ((true)) WHERE "sealing_since" IS NOT NULL;

CREATE TABLE "vault_reader" (
    "reader_id" UUID NOT NULL,
    "host" TEXT NOT NULL,
    "key_ids" TEXT[] NOT NULL,
    "sealing" TEXT NOT NULL,
    "seen_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "vault_reader_pkey" PRIMARY KEY ("reader_id")
);
GRANT SELECT, INSERT, UPDATE, DELETE ON "vault_reader" TO "errand_system";

-- The master key under which an API key is hashed.
ALTER TABLE "api_key" ADD COLUMN "hmac_key_id" TEXT;
