-- Users of access tokens act, too: principals of the kind subject, whose id is the issuer, a space, and the subject.
ALTER TABLE audit DROP CONSTRAINT audit_actor_check,
  ADD CONSTRAINT audit_actor_check CHECK (actor_type IN ('api_key', 'subject', 'link', 'system'));
