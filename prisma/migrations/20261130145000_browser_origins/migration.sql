-- Origins of web pages that may use user tokens of a workspace.
CREATE TABLE workspace_browser_origin (
  workspace_id uuid NOT NULL,
  origin text COLLATE "C" NOT NULL,
  CONSTRAINT workspace_browser_origin_pkey PRIMARY KEY (workspace_id, origin),
  CONSTRAINT workspace_browser_origin_workspace_id_fkey FOREIGN KEY (workspace_id) REFERENCES workspace (workspace_id)
    ON UPDATE CASCADE ON DELETE CASCADE
);
