-- What names a row is no longer shown: callers see what kind of service it is.
ALTER TABLE "integration" RENAME COLUMN "integration_id" TO "registration_id";
ALTER INDEX "integration_workspace_id_integration_id_key" RENAME TO "integration_workspace_id_registration_id_key";

ALTER TABLE "integration" ADD COLUMN "integration_id" TEXT;
UPDATE "integration" SET "integration_id" = trim(BOTH '-' FROM regexp_replace(lower("host" || '-' || "name"), '[^a-z0-9]+', '-', 'g'));
ALTER TABLE "integration" ALTER COLUMN "integration_id" SET NOT NULL;
