import type { Json } from '@errand/contracts';
import type { PoolClient } from 'pg';

type Row = { [field: string]: Json | Uint8Array | undefined };

/** A text as the bytes that are sent to Postgres; megabytes are encoded before the transaction begins. */
export const bytesOf = (text: string | undefined): Buffer | null => (text === undefined ? null : Buffer.from(text));

const isBytes = (value: unknown): value is Uint8Array => value instanceof Uint8Array;

/** Inserts an integration: fields as the Prisma schema names them, lists and objects as JSON. False when its id is in use. */
export async function insertIntegration(
  client: PoolClient,
  { document, ...row }: Row & { document: Buffer | null },
): Promise<boolean> {
  const fields = Object.entries(row).filter(([, value]) => value !== undefined);
  const columns = fields.map(([field]) => field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`));
  const values = fields.map(([, value]) =>
    typeof value === 'object' && value !== null && !isBytes(value) ? JSON.stringify(value) : value,
  );
  const placeholders = values.map((_, i) => `$${i + 2}`);
  const { rowCount } = await client.query(
    `INSERT INTO integration (document, document_sha256, ${columns.map((name) => `"${name}"`).join(', ')})
     VALUES ($1::text, encode(sha256(convert_to($1::text, 'UTF8')), 'hex'), ${placeholders.join(', ')})
     ON CONFLICT (workspace_id, customer_integration_id) DO NOTHING`,
    [document, ...values],
  );
  return rowCount === 1;
}
