-- json keeps the order of the properties, as people see them in a form. Fingerprints are computed from jsonb as before, so no tool
-- changes; a tool gets the order of its document when that is read again.
ALTER TABLE tool ALTER COLUMN input_schema TYPE json USING input_schema::json;

-- Pages of the inbox: decided requests, and open ones by their expiry.
CREATE INDEX decision_request_decided_idx ON decision_request (workspace_id, decided_at DESC, decision_request_id DESC)
  WHERE decided_at IS NOT NULL AND decision <> 'void';
CREATE INDEX decision_request_expiry_idx ON decision_request (workspace_id, (coalesce(expires_at, 'infinity')), decision_request_id)
  WHERE decided_at IS NULL;
