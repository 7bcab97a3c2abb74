import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

export type ListedOperation = readonly [method: string, path: string, operationId: string | null];

/** Lists of operations by the names of their documents. */
export type OperationLists = { documents: Record<string, readonly ListedOperation[]> };

/** @param file JSON, which may be gzipped: `{"documents": {"name": [[method, path, operationId], …]}}` */
export function readOperationLists(file: string | undefined): OperationLists {
  if (file === undefined) throw new Error('Name a file with lists of operations by --operations PATH.');
  const bytes = readFileSync(file);
  return JSON.parse((file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8')) as OperationLists;
}
