import type { CreateIntegrationInput } from '@errand/contracts';
import { invalidField } from '../problems.ts';

export type Source = { document: string } | { url: string };

/** A document as text. */
export const textOf = (document: CreateIntegrationInput['document']): string | undefined =>
  typeof document === 'object' ? JSON.stringify(document) : document;

/** The source of a new integration. @throws ProblemError validation_failed */
export function sourceOf({ kind, document, url }: Pick<CreateIntegrationInput, 'kind' | 'document' | 'url'>): Source {
  if (kind === 'mcp') {
    if (url !== undefined && document === undefined) return { url };
    throw invalidField('/url', 'Send the url of the MCP server, and no document.');
  }
  const text = textOf(document);
  if (text !== undefined && url === undefined) return { document: text };
  if (url !== undefined && text === undefined) return { url };
  throw invalidField('/document', 'Send either the OpenAPI document, or the url at which it is.');
}
