-- Origins outside the public internet that administrators allow for calls of their workspace.
CREATE TABLE workspace_origin (
  workspace_id uuid NOT NULL,
  origin text COLLATE "C" NOT NULL,
  note text,
  created_by text NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  CONSTRAINT workspace_origin_pkey PRIMARY KEY (workspace_id, origin),
  CONSTRAINT workspace_origin_workspace_id_fkey FOREIGN KEY (workspace_id) REFERENCES workspace (workspace_id)
    ON UPDATE CASCADE ON DELETE CASCADE
);
