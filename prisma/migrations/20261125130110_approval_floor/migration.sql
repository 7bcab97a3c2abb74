-- The least that calls of an integration ask.
ALTER TABLE "integration" ADD COLUMN "approval_floor" TEXT NOT NULL DEFAULT 'NONE';

-- By hand from here on. -----------------------------------------------------------------------------------------

ALTER TABLE "integration" ADD CONSTRAINT "integration_approval_floor_check"
  CHECK ("approval_floor" IN ('NONE', 'ON_START', 'ON_TOOL_CALL', 'ON_WRITE'));
