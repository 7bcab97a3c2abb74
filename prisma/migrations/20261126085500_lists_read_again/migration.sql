-- The tools of MCP servers are read again from time to time.
ALTER TABLE integration
  ADD COLUMN listed_at timestamptz(3), -- when they were asked for last
  ADD COLUMN list_at timestamptz(3), -- when they are asked for next; a process that asks moves it on, so that no other one does meanwhile
  ADD COLUMN list_failures int NOT NULL DEFAULT 0, -- how often in a row the server gave none
  ADD COLUMN list_sha256 text, -- hash of the list, whatever its order
  ADD COLUMN list_stale_at timestamptz(3); -- until when it holds, as the server says
-- Those that there are now, spread over a day.
UPDATE integration SET list_at = now() + random() * interval '1 day' WHERE kind = 'mcp';
CREATE INDEX integration_list_at_idx ON integration (list_at) WHERE kind = 'mcp' AND active;
