import type { JsonSchema } from '@errand/contracts';
import { type Context, isNode, member, resolve, step } from './document/document.ts';
import { mediaOf } from './media.ts';
import { type Draft, writeSchema } from './schema/schema.ts';

const USUAL_ACCEPT = 'application/json, text/plain;q=0.9, */*;q=0.1';

/** What a success looks like: the schema of the first 2xx answer that is JSON (text counts as a string). */
export function answerOf(
  context: Context,
  draft: Draft,
  responses: unknown,
  at: string,
): { schema?: JsonSchema; accept: string } {
  if (!isNode(responses)) return { accept: USUAL_ACCEPT };
  const codes = Object.keys(responses)
    .filter((code) => /^2(\d\d|XX)$/i.test(code))
    .sort();
  for (const code of codes) {
    const response = resolve(context, responses[code]);
    const [media] = response ? mediaOf(member(response, 'content')) : [];
    if (!media || (media.kind !== 'json' && media.kind !== 'text')) continue;
    const source = member(media.node, 'schema');
    const pointer = step(step(step(step(at, code), 'content'), media.type), 'schema');
    const accept = media.type.startsWith('application/json') ? USUAL_ACCEPT : `${media.type}, ${USUAL_ACCEPT}`;
    if (media.kind === 'text') return { schema: { type: 'string' }, accept };
    return source === undefined
      ? { accept }
      : { schema: writeSchema(context, draft, source, { at: pointer, closed: false }), accept };
  }
  return { accept: USUAL_ACCEPT };
}
