-- A webhook whose secret does not open with the keys of the service is switched off, too.
ALTER TABLE webhook DROP CONSTRAINT webhook_disabled_check,
  ADD CONSTRAINT webhook_disabled_check CHECK (disabled_because IN ('gone', 'failing', 'secret_lost'));
