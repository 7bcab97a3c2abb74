-- What is told to webhooks is written less often. A message is in the outbox only until a relay has made its deliveries; these hold
-- what was in it, and its id is theirs. What is posted is made when it is posted, and kept only if it must be posted again.
ALTER TABLE webhook_delivery
  ADD COLUMN type text,
  ADD COLUMN run_id uuid, -- of an event of a run
  ADD COLUMN seq integer,
  ADD COLUMN data jsonb, -- of any other event
  ADD COLUMN body text, -- what is posted; null until it was not taken once
  ADD COLUMN leased_until timestamptz(3), -- while it is being posted: when it is taken for lost
  DROP CONSTRAINT webhook_delivery_workspace_id_message_id_fkey;
DROP INDEX webhook_delivery_workspace_id_message_id_webhook_id_key;
UPDATE webhook_delivery d SET type = m.type, run_id = m.run_id, seq = m.seq, data = m.data, body = m.body, delivery_id = m.message_id
  FROM webhook_message m WHERE m.workspace_id = d.workspace_id AND m.message_id = d.message_id;
-- A lease takes the place of a changed row where it lies, without new entries in indexes, if its page has space.
ALTER TABLE webhook_delivery ALTER COLUMN type SET NOT NULL, DROP COLUMN message_id, SET (fillfactor = 60);

DELETE FROM webhook_message WHERE body IS NOT NULL;
DROP INDEX webhook_message_outbox_idx;
ALTER TABLE webhook_message DROP COLUMN body, DROP CONSTRAINT webhook_message_pkey,
  ADD CONSTRAINT webhook_message_pkey PRIMARY KEY (message_id);
