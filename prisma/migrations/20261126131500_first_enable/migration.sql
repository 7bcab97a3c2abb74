-- Which tools of an MCP server its owner wants on, said at creation, when they were not read yet: all | reads | none, or their operations.
-- Null once they have been read, or chosen.
ALTER TABLE integration ADD COLUMN first_enable jsonb;
