-- The effect that the name and words of a tool say, where it is not the one that counts and the owner has said none.
ALTER TABLE tool ADD COLUMN proposed_effect text CHECK (proposed_effect IN ('read', 'write'));
CREATE INDEX tool_proposed_idx ON tool (workspace_id, customer_integration_id) WHERE proposed_effect IS NOT NULL;

-- Which version of the words its tools were judged by; 0: none.
ALTER TABLE integration ADD COLUMN effect_words integer NOT NULL DEFAULT 0;
