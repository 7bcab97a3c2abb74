-- The user token by which a request was decided. The audit entry of the decision names it; see 20261130146000.
ALTER TABLE decision_request ADD COLUMN decided_user_token uuid;
