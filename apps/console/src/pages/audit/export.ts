// The entries of the filters as lines of JSON, read page by page.
import type { AuditEntry } from './entry.ts';

export const PAGE = 1000;
/** The most that one file contains. */
const MAX_ENTRIES = 200_000;
const MAX_BYTES = 256_000_000;

type ReadPage = (
  cursor: string | undefined,
  signal: AbortSignal,
) => Promise<{ entries: AuditEntry[]; nextCursor?: string | undefined }>;
export type Exported = { parts: Blob[]; count: number; isCut: boolean };

/**
 * Reads all entries. Each page becomes a part of the file at once, so that the browser may keep it on its disk.
 * @param onProgress is called with the number of entries
 */
export async function readLines(
  read: ReadPage,
  signal: AbortSignal,
  onProgress: (count: number) => void,
): Promise<Exported> {
  const exported: Exported = { parts: [], count: 0, isCut: false };
  let bytes = 0;
  let cursor: string | undefined;
  do {
    const page = await read(cursor, signal);
    const part = new Blob([page.entries.map((entry) => `${JSON.stringify(entry)}\n`).join('')]);
    exported.parts.push(part);
    exported.count += page.entries.length;
    bytes += part.size;
    cursor = page.nextCursor;
    onProgress(exported.count);
  } while (cursor !== undefined && exported.count < MAX_ENTRIES && bytes < MAX_BYTES);
  return { ...exported, isCut: cursor !== undefined };
}
