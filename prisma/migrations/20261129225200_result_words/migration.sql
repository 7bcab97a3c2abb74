-- How far the words of results and errors are in run_text. Runs that ended before this migration are found by their intent alone.
INSERT INTO retention (kind, through_at, through_id) VALUES ('result_words', now(), '00000000-0000-0000-0000-000000000000');
