-- Lists by repeatKey.
-- CreateIndex
CREATE INDEX "run_workspace_id_repeat_key_run_id_idx" ON "run"("workspace_id", "repeat_key", "run_id");
