-- The words of a run's intent, for lists by text. Written once, at create: an index on run itself would be written with each version
-- of its row that is not heap-only. Each row also has a mark of its workspace, so that the index finds words within a workspace.
CREATE TABLE run_text (
  workspace_id uuid NOT NULL,
  run_id uuid NOT NULL,
  words tsvector NOT NULL,
  CONSTRAINT run_text_pkey PRIMARY KEY (workspace_id, run_id)
);
-- The pending list is short: every search reads it through.
CREATE INDEX run_text_words_idx ON run_text USING gin (words) WITH (gin_pending_list_limit = 256);

-- Runs that are stored already. The same expression as in packages/db/src/runs/list/words.ts.
INSERT INTO run_text (workspace_id, run_id, words)
SELECT workspace_id, run_id, strip(to_tsvector('simple', regexp_replace(left(intent, 2000),
    '([\u0e00-\u0e7f\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff])', ' \1 ', 'g')))
  || array_to_tsvector(ARRAY['~' || right(workspace_id::text, 12)])
FROM run;

-- Lists by the code of an error, and ended runs by the time that they took. Both change only when a run ends.
CREATE INDEX run_error_idx ON run (workspace_id, (error->>'code'), run_id) WHERE error IS NOT NULL;
CREATE INDEX run_duration_idx ON run (workspace_id, (ended_at - created_at), run_id) WHERE ended_at IS NOT NULL;
