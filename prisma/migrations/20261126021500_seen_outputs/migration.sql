-- The form of what a tool has answered, where its source describes none: names of members and types, never a value. It is shown to
-- planners. A tool that changes loses it.
ALTER TABLE tool ADD COLUMN seen_output jsonb;
CREATE INDEX tool_seen_output_idx ON tool (workspace_id, customer_integration_id) WHERE seen_output IS NOT NULL;
