-- Origins of web pages that may use user tokens of a workspace.
CREATE TABLE workspace_browser_origins (
  workspace_id uuid NOT NULL,
  origins text[] NOT NULL,
  CONSTRAINT workspace_browser_origins_pkey PRIMARY KEY (workspace_id),
  CONSTRAINT workspace_browser_origins_workspace_id_fkey FOREIGN KEY (workspace_id) REFERENCES workspace (workspace_id)
    ON UPDATE CASCADE ON DELETE CASCADE
);
