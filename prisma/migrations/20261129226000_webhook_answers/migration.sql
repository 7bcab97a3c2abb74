-- The beginning of the answer that the last attempt of a delivery failed with, without secrets; at most 4,096 characters.
ALTER TABLE webhook_delivery ADD COLUMN last_answer text;
