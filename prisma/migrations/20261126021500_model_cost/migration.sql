-- What the models that a run asked cost, and how many of the tokens that they read came from the caches of their endpoints.
ALTER TABLE run
  ADD COLUMN cached_input_tokens integer NOT NULL DEFAULT 0,
  ADD COLUMN cost double precision DEFAULT 0, -- null: the price of a model is not known, and nothing added to it makes it known
  ADD COLUMN cost_currency text; -- null: no model with a price was asked
