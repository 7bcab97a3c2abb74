-- The authorization server that an MCP server names now; users are sent there once the owner has confirmed it.
ALTER TABLE integration ADD COLUMN pending_issuer text;
