-- Until when calls wait: after a limit of a service, or while its origin fails. Written only then; every process has a copy in memory.
CREATE TABLE call_pause (
  workspace_id uuid NOT NULL,
  customer_integration_id text NOT NULL,
  kind text NOT NULL,
  subject text NOT NULL,
  paused_until timestamptz(3) NOT NULL,
  CONSTRAINT call_pause_pkey PRIMARY KEY (workspace_id, customer_integration_id, kind, subject),
  CONSTRAINT call_pause_workspace_id_customer_integration_id_fkey FOREIGN KEY (workspace_id, customer_integration_id)
    REFERENCES integration (workspace_id, customer_integration_id) ON UPDATE CASCADE ON DELETE CASCADE
);

-- When the quota of an integration with `limits.requests` is full again. Processes take shares of it. A crash of Postgres empties it.
CREATE UNLOGGED TABLE call_quota (
  workspace_id uuid NOT NULL,
  customer_integration_id text NOT NULL,
  user_id text NOT NULL,
  full_at timestamptz(3) NOT NULL,
  granted integer NOT NULL,
  CONSTRAINT call_quota_pkey PRIMARY KEY (workspace_id, customer_integration_id, user_id),
  CONSTRAINT call_quota_workspace_id_customer_integration_id_fkey FOREIGN KEY (workspace_id, customer_integration_id)
    REFERENCES integration (workspace_id, customer_integration_id) ON UPDATE CASCADE ON DELETE CASCADE
);

-- Calls of an integration in this hour and the one before, and its last trial. Processes add to it every ten seconds.
CREATE TABLE integration_calls (
  workspace_id uuid NOT NULL,
  customer_integration_id text NOT NULL,
  last_success_at timestamptz(3),
  last_failure_at timestamptz(3),
  hour timestamptz(3) NOT NULL,
  calls integer NOT NULL DEFAULT 0,
  failures integer NOT NULL DEFAULT 0,
  calls_before integer NOT NULL DEFAULT 0,
  failures_before integer NOT NULL DEFAULT 0,
  last_test jsonb,
  CONSTRAINT integration_calls_pkey PRIMARY KEY (workspace_id, customer_integration_id),
  CONSTRAINT integration_calls_workspace_id_customer_integration_id_fkey FOREIGN KEY (workspace_id, customer_integration_id)
    REFERENCES integration (workspace_id, customer_integration_id) ON UPDATE CASCADE ON DELETE CASCADE
);
