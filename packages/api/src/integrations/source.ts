import { type CreateIntegrationInput, problem } from '@errand/contracts';

export type Source = { document: string } | { url: string };

/** A document as text. */
export const textOf = (document: CreateIntegrationInput['document']): string | undefined =>
  typeof document === 'object' ? JSON.stringify(document) : document;

/** Where the document of a new integration is. @throws ProblemError validation_failed */
export function sourceOf({ document, url }: Pick<CreateIntegrationInput, 'document' | 'url'>): Source {
  const text = textOf(document);
  if (text !== undefined && url === undefined) return { document: text };
  if (url !== undefined && text === undefined) return { url };
  throw problem('validation_failed', 'Give either document or url: the OpenAPI document itself, or where it is.', {
    errors: [{ pointer: '/document', message: 'Give either document or url.' }],
  });
}
