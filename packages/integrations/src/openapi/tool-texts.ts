import type { DescribedTool } from '@errand/contracts';
import { DocumentFault } from './document/document.ts';
import { limits, PICK_REMEDY } from './document/limits.ts';

/**
 * Writes tools as JSON texts, each a list of some tools, so that nothing else needs to parse them.
 * @param previousBytes of the tools that were read before for the same integration
 * @throws DocumentFault if they are too large together
 */
export function toolTexts(tools: readonly DescribedTool[], previousBytes = 0): Uint8Array<ArrayBuffer>[] {
  const texts: Uint8Array<ArrayBuffer>[] = [];
  const encoder = new TextEncoder();
  let batch: string[] = [];
  let batchLength = 0;
  let bytes = previousBytes;
  const endBatch = () => {
    const text = encoder.encode(`[${batch.join(',')}]`);
    bytes += text.length;
    if (bytes > limits.toolBytes) {
      const mib = limits.toolBytes / 1024 / 1024;
      throw new DocumentFault('openapi_too_large', `The tools have more than ${mib} MiB.`, [], PICK_REMEDY);
    }
    texts.push(text);
    [batch, batchLength] = [[], 0];
  };
  for (const { name: _, customerIntegrationId: __, integrationName: ___, ...tool } of tools) {
    const text = storableText(JSON.stringify(tool));
    batch.push(text);
    batchLength += text.length;
    if (batchLength >= limits.pieceBytes) endBatch();
  }
  if (batch.length > 0) endBatch();
  return texts;
}

const suspicious = /\\u(?:0000|d[89a-f])/i;

/** Postgres stores neither NUL nor lone surrogates. */
function storableText(text: string): string {
  if (!suspicious.test(text)) return text;
  const clean = (part: string) => part.replaceAll('\0', '').toWellFormed();
  const value = JSON.parse(text, (_, part: unknown) => {
    if (typeof part === 'string') return clean(part);
    if (typeof part !== 'object' || part === null || Array.isArray(part)) return part;
    return Object.fromEntries(Object.entries(part).map(([key, member]) => [clean(key), member]));
  });
  return JSON.stringify(value);
}
