-- Webhooks: addresses of a workspace at which it is told what happens.

-- An address, what it is told, and the secret that signs.
CREATE TABLE webhook (
  workspace_id uuid NOT NULL,
  webhook_id uuid NOT NULL,
  url text NOT NULL,
  events text[] NOT NULL, -- names of events, or {*}
  description text,
  active boolean NOT NULL DEFAULT true,
  disabled_because text, -- why Errand switched it off; null when it did not
  failing_since timestamptz(3), -- the first failure since the last success
  rests_until timestamptz(3), -- nothing is posted before; null when the last attempt succeeded
  failed_rounds integer NOT NULL DEFAULT 0, -- how often all that was posted failed, since the last success
  sealed_secret bytea NOT NULL,
  secret_last4 text NOT NULL,
  sealed_old_secret bytea, -- of the time before the last rotation: it signs, too, until old_secret_until
  old_secret_until timestamptz(3),
  created_by text NOT NULL, -- who made it, as people are told
  created_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  updated_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT webhook_pkey PRIMARY KEY (workspace_id, webhook_id),
  CONSTRAINT webhook_disabled_check CHECK (disabled_because IN ('gone', 'failing')),
  CONSTRAINT webhook_workspace_id_fkey FOREIGN KEY (workspace_id)
    REFERENCES workspace (workspace_id) ON UPDATE CASCADE ON DELETE CASCADE
);
ALTER TABLE webhook ALTER COLUMN sealed_secret SET STORAGE EXTERNAL;
ALTER TABLE webhook ALTER COLUMN sealed_old_secret SET STORAGE EXTERNAL;

-- The outbox: what is to be told, written in the statement of what happened, and only where a webhook wants it. A relay makes the
-- body and a delivery for each webhook.
CREATE TABLE webhook_message (
  workspace_id uuid NOT NULL,
  message_id uuid NOT NULL, -- the header webhook-id
  type text NOT NULL,
  run_id uuid, -- of an event of a run
  seq integer,
  data jsonb, -- of any other event
  body text, -- what is posted; null until it is relayed
  created_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT webhook_message_pkey PRIMARY KEY (workspace_id, message_id)
);
CREATE INDEX webhook_message_outbox_idx ON webhook_message (message_id) WHERE body IS NULL;

-- A message on its way to one webhook. While it is being posted, next_attempt_at is when it is taken for lost.
CREATE TABLE webhook_delivery (
  workspace_id uuid NOT NULL,
  delivery_id uuid NOT NULL,
  webhook_id uuid NOT NULL,
  message_id uuid NOT NULL,
  state text NOT NULL DEFAULT 'pending',
  attempts smallint NOT NULL DEFAULT 0,
  next_attempt_at timestamptz(3) DEFAULT CURRENT_TIMESTAMP,
  last_status smallint,
  last_error text,
  delivered_at timestamptz(3),
  created_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT webhook_delivery_pkey PRIMARY KEY (workspace_id, webhook_id, delivery_id),
  CONSTRAINT webhook_delivery_state_check CHECK (state IN ('pending', 'delivered', 'failed')),
  CONSTRAINT webhook_delivery_due_check CHECK ((state = 'pending') = (next_attempt_at IS NOT NULL)),
  CONSTRAINT webhook_delivery_workspace_id_webhook_id_fkey FOREIGN KEY (workspace_id, webhook_id)
    REFERENCES webhook (workspace_id, webhook_id) ON UPDATE CASCADE ON DELETE CASCADE,
  CONSTRAINT webhook_delivery_workspace_id_message_id_fkey FOREIGN KEY (workspace_id, message_id)
    REFERENCES webhook_message (workspace_id, message_id) ON UPDATE CASCADE ON DELETE CASCADE
);
-- A message goes to a webhook once, however many relays see it; also for its removal with the message.
CREATE UNIQUE INDEX webhook_delivery_workspace_id_message_id_webhook_id_key ON webhook_delivery (workspace_id, message_id, webhook_id);
-- What is to be posted, by webhook and time.
CREATE INDEX webhook_delivery_due_idx ON webhook_delivery (workspace_id, webhook_id, next_attempt_at) WHERE next_attempt_at IS NOT NULL;

-- Writes a message if a webhook wants it. The row is small, and without such a webhook the cost is one look at an empty index.
CREATE SCHEMA errand_webhooks;
GRANT USAGE ON SCHEMA errand_webhooks TO errand_app, errand_system;

CREATE FUNCTION errand_webhooks.note_run() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  what text := CASE WHEN NEW.ended_at IS NULL THEN 'run.waiting' ELSE 'run.end' END;
BEGIN
  INSERT INTO public.webhook_message (workspace_id, message_id, type, run_id, seq)
  SELECT NEW.workspace_id, errand_audit.new_id(), what, NEW.run_id, NEW.seq
  WHERE EXISTS (SELECT FROM public.webhook w
    WHERE w.workspace_id = NEW.workspace_id AND w.active AND w.events && ARRAY[what, '*']);
  RETURN NULL;
END
$$;

-- A credential that its service refuses, or a consent that cannot be refreshed: of a user, or of the integration itself.
CREATE FUNCTION errand_webhooks.note_connection() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO public.webhook_message (workspace_id, message_id, type, data)
  SELECT NEW.workspace_id, errand_audit.new_id(), 'connection.needs_reconnect', jsonb_strip_nulls(jsonb_build_object(
    'customerIntegrationId', NEW.customer_integration_id, 'integrationName', i.name, 'userId', to_jsonb(NEW)->>'user_id'))
  FROM public.integration i
  WHERE i.workspace_id = NEW.workspace_id AND i.customer_integration_id = NEW.customer_integration_id
    AND EXISTS (SELECT FROM public.webhook w
      WHERE w.workspace_id = NEW.workspace_id AND w.active AND w.events && ARRAY['connection.needs_reconnect', '*']);
  RETURN NULL;
END
$$;

-- Every statement that ends a run or lets it wait sets its status, so none can forget to tell.
CREATE TRIGGER run_told AFTER UPDATE OF status ON run FOR EACH ROW
  WHEN (NEW.status IS DISTINCT FROM OLD.status AND NEW.status NOT IN ('QUEUED', 'RUNNING'))
  EXECUTE FUNCTION errand_webhooks.note_run();
CREATE TRIGGER integration_user_told AFTER UPDATE OF token_rejected_at, reconnect_reason ON integration_user FOR EACH ROW
  WHEN ((OLD.token_rejected_at IS NULL AND NEW.token_rejected_at IS NOT NULL)
    OR (OLD.reconnect_reason IS NULL AND NEW.reconnect_reason IS NOT NULL))
  EXECUTE FUNCTION errand_webhooks.note_connection();
CREATE TRIGGER integration_told AFTER UPDATE OF token_rejected_at ON integration FOR EACH ROW
  WHEN (OLD.token_rejected_at IS NULL AND NEW.token_rejected_at IS NOT NULL)
  EXECUTE FUNCTION errand_webhooks.note_connection();
