import { type AskedInput, INPUT_LIMITS, type Json, Secret, type ToolOutcome } from '@errand/contracts';
import type { InputRequiredResult } from '@modelcontextprotocol/client';
import { z } from 'zod';
import { cleanJson, cleanText, TooDeep } from '../execute/clean.ts';
import { failure } from '../execute/outcome.ts';
import { flatForm } from './flat-form.ts';
import { asksForSecret } from './secret-words.ts';

/** Largest state that is stored for a server, in bytes, and longest name of one of its requests. */
const MAX_STATE_BYTES = 64 * 1024;
const MAX_NAME = 200;

const Elicitation = z.object({
  method: z.literal('elicitation/create'),
  params: z.looseObject({ mode: z.string().optional(), message: z.string() }),
});

class Refused extends Error {}

/**
 * Checks and cleans the questions that a server asks before it continues a call: forms without secrets, and pages.
 * @param origin of the server; its pages may have any scheme
 */
export function outcomeOfInputRequired(
  { inputRequests = {}, requestState }: InputRequiredResult,
  { forms, origin }: { forms: readonly string[]; origin: string },
): ToolOutcome {
  try {
    const entries = Object.entries(inputRequests);
    if (entries.length > INPUT_LIMITS.requests)
      throw new Refused(`It asks ${entries.length} questions at once; the limit is ${INPUT_LIMITS.requests}.`);
    if (Buffer.byteLength(requestState ?? '') > MAX_STATE_BYTES)
      throw new Refused(`The state of its question is larger than ${MAX_STATE_BYTES / 1024} KiB.`);
    const inputs = entries.map(([name, request]) => inputOf(name, request, forms, origin));
    return failure('input_required', 'The service asks the user a question first.', {
      asks: { inputs, ...(requestState !== undefined && { state: new Secret(requestState) }) },
    });
  } catch (error) {
    if (!(error instanceof Refused) && !(error instanceof TooDeep)) throw error;
    const why = error instanceof Refused ? error.message : 'The form is nested too deeply.';
    return failure('input_refused', why);
  }
}

function inputOf(name: string, request: unknown, forms: readonly string[], origin: string): AskedInput {
  const read = Elicitation.safeParse(request);
  if (!read.success || name.length > MAX_NAME)
    throw new Refused('It requests input other than a form or a page, which is not supported.');
  const { mode = 'form', message: text, ...params } = read.data.params;
  const message = cleanText(text, forms).trim().slice(0, INPUT_LIMITS.letters).toWellFormed() || 'More is needed.';
  if (mode === 'url') return { name, message, openUrl: pageOf(params.url, origin) };
  if (mode !== 'form') throw new Refused('It asks in a mode that is not supported.');
  const schema = flatForm(cleanJson((params.requestedSchema ?? null) as Json, forms));
  if (typeof schema === 'string') throw new Refused(schema);
  const texts = [message, ...Object.entries(schema.properties).flatMap(textsOf)];
  if (texts.some(asksForSecret) || hides(params.requestedSchema))
    throw new Refused(
      'The form asks for a password, a token or a card. Store such secrets with the integration, or enter them on a page of the service itself.',
    );
  return { name, message, requestedSchema: schema };
}

/** Whether a form has a field that must not be shown again (JSON Schema, `writeOnly`). */
const hides = (schema: unknown): boolean =>
  Object.values((schema as { properties?: Record<string, unknown> } | null)?.properties ?? {}).some(
    (field) => (field as { writeOnly?: unknown } | null)?.writeOnly === true,
  );

const textsOf = ([name, field]: [string, { title?: unknown; description?: unknown; format?: unknown }]): string[] =>
  [name, field.title, field.description, field.format].filter((text) => typeof text === 'string');

function pageOf(address: unknown, origin: string): string {
  const fits = typeof address === 'string' && address.length <= INPUT_LIMITS.url && URL.canParse(address);
  const url = fits ? new URL(address) : null;
  if (!url || url.username || url.password || !(url.protocol === 'https:' || url.origin === origin))
    throw new Refused('The page to open has no https address.');
  return url.href;
}
