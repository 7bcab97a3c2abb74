-- What a run has done or found, in a sentence for people: written with its end, removed with its outputs.
ALTER TABLE run ADD COLUMN summary text;
-- What is asked, in words, as it was when it was asked: a sentence, and the arguments with their names and origins.
ALTER TABLE decision_request ADD COLUMN words json;
