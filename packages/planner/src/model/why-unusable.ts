import { plainWords } from '@errand/basics/plain-words';
import type { ModelAnswer } from '@errand/ports/model';

/** A fault of an answer, with a JSON pointer into its plan where there is one. */
export type Complaint = { pointer: string; message: string };
type UnusableVerdict = { look: unknown } | { complaints: readonly Complaint[]; draft?: unknown };

/** The complaint to the model about an answer without a JSON object. */
export function complaintText(answer: ModelAnswer, fault: string, maxOutputTokens: number): string {
  if (answer.finish === 'length')
    return `The answer was cut off at ${answer.cutAt ?? maxOutputTokens} tokens. Write a shorter plan: fewer steps, forEach for like items, short reasons.`;
  if (answer.finish === 'tool-calls')
    return 'A function was called, but there is none that you can call here. Answer in text, with exactly one JSON object.';
  return `${fault}${modelQuote(answer.text)}`;
}

/** The reason for people why the last answer of a model is no plan. */
export function whyUnusable(answer: ModelAnswer, verdict: UnusableVerdict, maxOutputTokens: number): string {
  if ('look' in verdict) return 'The model looked up tools again and again, and gave no plan.';
  const [first] = verdict.complaints;
  if (verdict.draft !== undefined) return `The plan of the model cannot be used. ${first ? inWords(first) : ''}`.trim();
  if (answer.finish === 'length') return cutOff(answer.cutAt ?? maxOutputTokens, maxOutputTokens);
  if (answer.finish === 'tool-calls') return 'The model called a function instead of answering in text.';
  if (answer.text.trim() === '') return 'The model gave an empty answer.';
  if (!answer.text.includes('{')) return `The model gave no plan.${modelQuote(answer.text)}`;
  return `The answer of the model could not be read. ${first ? inWords(first) : ''}`.trim();
}

function cutOff(cutAt: number, maxOutputTokens: number): string {
  const formatCount = (count: number) => count.toLocaleString('en-US');
  const setting = 'ERRAND_MODEL_OUTPUT_TOKENS';
  return cutAt === maxOutputTokens
    ? `The model's answer was cut off at ${formatCount(cutAt)} tokens (${setting}).`
    : `The model's answer was cut off at ${formatCount(cutAt)} tokens: its endpoint refuses the ${formatCount(maxOutputTokens)} of ${setting}.`;
}

const inWords = ({ pointer, message }: Complaint): string =>
  plainWords(pointer ? `${pointer}: ${message}` : message, 400);

export function modelQuote(text: string): string {
  const words = plainWords(text, 200);
  return words ? ` It said: ${JSON.stringify(words)}` : '';
}
