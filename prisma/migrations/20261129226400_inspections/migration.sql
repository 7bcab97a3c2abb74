-- Documents of services that a principal inspects before it registers them, for ten minutes.
CREATE TABLE integration_inspection (
  workspace_id uuid NOT NULL,
  inspection_id uuid NOT NULL,
  principal text NOT NULL,
  url text,
  document text NOT NULL,
  bytes integer NOT NULL,
  expires_at timestamptz(3) NOT NULL,
  CONSTRAINT integration_inspection_pkey PRIMARY KEY (workspace_id, inspection_id),
  CONSTRAINT integration_inspection_workspace_id_fkey FOREIGN KEY (workspace_id) REFERENCES workspace (workspace_id)
    ON UPDATE CASCADE ON DELETE CASCADE
);
