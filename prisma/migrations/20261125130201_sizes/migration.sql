-- A result keeps the bytes as they were written, as outputs and events do: jsonb writes a number like 1e308 out in full.
ALTER TABLE "run" ALTER COLUMN "result" SET DATA TYPE JSON USING "result"::text::json;

-- How large documents are, so that what does not fit into an answer is known without being read.
ALTER TABLE "run" ADD COLUMN "result_bytes" INTEGER GENERATED ALWAYS AS (octet_length("result"::text)) STORED;
ALTER TABLE "ledger"
  ADD COLUMN "args_bytes" INTEGER GENERATED ALWAYS AS (octet_length("args"::text)) STORED,
  ADD COLUMN "output_bytes" INTEGER GENERATED ALWAYS AS (octet_length("output"::text)) STORED;
