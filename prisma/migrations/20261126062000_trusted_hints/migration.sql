-- Whether the hints of an MCP server count: a tool is a read because its server says so.
ALTER TABLE integration ADD COLUMN trust_hints boolean NOT NULL DEFAULT false;
