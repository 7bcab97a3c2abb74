import type { Json } from '@errand/contracts';
import { expressionsOf, holesOf } from '../../execute/template.ts';
import { type Doubt, doubtOf } from './doubt.ts';
import { textsIn } from './literals.ts';

/** Several words that end in a question mark. */
const QUESTION = /\S+\s+\S+\s+\S+.*\?\s*$/s;
const REMEDY = 'Ask before you plan ({"ask": …}), or by a step with errand.ask, and answer with what was asked for.';

/** A result that asks a question: no person would see it as one. */
export function askingResult(result: Json): Doubt[] {
  return holesOf(result, '/result').flatMap((hole) => {
    const texts = hole.kind === 'binding' ? expressionsOf(hole).flatMap(textsIn) : [hole.text];
    const asks = texts.some((text) => QUESTION.test(text)) || (hole.kind === 'fill' && /^\s*ask\b/i.test(hole.text));
    return asks ? [doubtOf(hole.pointer, 'The result asks a question, and nobody would be asked.', REMEDY)] : [];
  });
}
