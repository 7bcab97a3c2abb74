-- Failed deliveries are few among those that succeeded, which do not write this index.
CREATE INDEX webhook_delivery_failed_idx ON webhook_delivery (workspace_id, webhook_id, delivery_id) WHERE state = 'failed';

-- Entries of a kind of actor, such as people among the keys of a busy workspace. The system writes one for each run, so these are not rare.
CREATE INDEX audit_actor_type_idx ON audit (workspace_id, actor_type, audit_id) WHERE actor_type <> 'system';
