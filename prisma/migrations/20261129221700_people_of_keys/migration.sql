-- The removal of people looks for what refers to them.
CREATE INDEX console_link_person_idx ON console_link (person_id) WHERE person_id IS NOT NULL;
CREATE INDEX api_key_person_idx ON api_key (person_id) WHERE person_id IS NOT NULL;
