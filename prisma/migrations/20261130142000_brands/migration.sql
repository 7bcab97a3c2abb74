-- The name, color and logo under which end users see the pages of a workspace.
CREATE TABLE workspace_brand (
  workspace_id uuid NOT NULL,
  name text,
  color text,
  logo bytea,
  logo_type text,
  logo_sha256 text,
  updated_at timestamptz(3) NOT NULL DEFAULT now(),
  CONSTRAINT workspace_brand_pkey PRIMARY KEY (workspace_id),
  CONSTRAINT workspace_brand_workspace_id_fkey FOREIGN KEY (workspace_id) REFERENCES workspace (workspace_id)
    ON UPDATE CASCADE ON DELETE CASCADE
);
