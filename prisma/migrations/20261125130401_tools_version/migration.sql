-- Goes up with each change of an integration's tools, so that what was read of them is known to be still what it was.
ALTER TABLE "integration" ADD COLUMN "tools_version" INTEGER NOT NULL DEFAULT 1;
