-- The forms of answers: [{"form"}, {"userId", "form"}]. The first has the names that answers to several users share, each other one those of a user.
ALTER TABLE tool ADD COLUMN answer_forms jsonb;
CREATE INDEX tool_answer_forms_idx ON tool (workspace_id, customer_integration_id) WHERE answer_forms IS NOT NULL;

-- The earlier column does not say from which users its names came, so it is emptied. The last release may still write it: its statement
-- succeeds and stores nothing. A later version drops the column.
UPDATE tool SET seen_output = NULL WHERE seen_output IS NOT NULL;
CREATE FUNCTION errand_access.forget_seen_output() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.seen_output := NULL;
  RETURN NEW;
END
$$;
CREATE TRIGGER forget_seen_output BEFORE INSERT OR UPDATE OF seen_output ON tool
  FOR EACH ROW WHEN (NEW.seen_output IS NOT NULL) EXECUTE FUNCTION errand_access.forget_seen_output();
