import { type AskedInput, INPUT_LIMITS, type Json, Secret, type ToolOutcome } from '@errand/contracts';
import type { InputRequiredResult } from '@modelcontextprotocol/client';
import { z } from 'zod';
import { cleanJson, cleanText, TooDeep } from '../execute/clean.ts';
import { failure } from '../execute/outcome.ts';
import { flatForm } from './flat-form.ts';
import { asksForSecret } from './secret-words.ts';

/** Largest state that is kept for a server, in bytes, and longest name of one of its requests. */
const MAX_STATE_BYTES = 64 * 1024;
const MAX_NAME = 200;

const Elicitation = z.object({
  method: z.literal('elicitation/create'),
  params: z.looseObject({ mode: z.string().optional(), message: z.string() }),
});

class Refused extends Error {}

/**
 * What a server asks before it goes on with a call, checked and cleaned: forms without secrets, and pages by their address.
 * @param origin of of the server, whose pages may be opened whatever their scheme
 */
export function outcomeOfInputRequired(
  { inputRequests = {}, requestState }: InputRequiredResult,
  { forms, origin }: { forms: readonly string[]; origin: string },
): ToolOutcome {
  try {
    const entries = Object.entries(inputRequests);
    if (entries.length > INPUT_LIMITS.requests)
      throw new Refused(
        `It asks for ${entries.length} things at once; at most ${INPUT_LIMITS.requests} are passed on.`,
      );
    if (Buffer.byteLength(requestState ?? '') > MAX_STATE_BYTES)
      throw new Refused(`The state that it wants back has more than ${MAX_STATE_BYTES / 1024} KiB.`);
    const inputs = entries.map(([name, request]) => inputOf(name, request, forms, origin));
    return failure('input_required', 'The service asks the user something first.', {
      asks: { inputs, ...(requestState !== undefined && { state: new Secret(requestState) }) },
    });
  } catch (error) {
    if (!(error instanceof Refused) && !(error instanceof TooDeep)) throw error;
    const why = error instanceof Refused ? error.message : 'Its form is nested too deeply.';
    return failure('input_refused', why);
  }
}

function inputOf(name: string, request: unknown, forms: readonly string[], origin: string): AskedInput {
  const read = Elicitation.safeParse(request);
  if (!read.success || name.length > MAX_NAME)
    throw new Refused('It asks for something else than a form or a page for the user, which is not offered.');
  const { mode = 'form', message: text, ...params } = read.data.params;
  const message = cleanText(text, forms).trim().slice(0, INPUT_LIMITS.letters).toWellFormed() || 'More is needed.';
  if (mode === 'url') return { name, message, openUrl: pageOf(params.url, origin) };
  if (mode !== 'form') throw new Refused('It asks in a way that is not offered.');
  const schema = flatForm(cleanJson((params.requestedSchema ?? null) as Json, forms));
  if (typeof schema === 'string') throw new Refused(schema);
  const texts = [message, ...Object.entries(schema.properties).flatMap(textsOf)];
  if (texts.some(asksForSecret) || hides(params.requestedSchema))
    throw new Refused(
      'It asks for a password, a token or a card in a form. Such a form is not passed on: secrets are stored with the integration, or given on a page of the service itself.',
    );
  return { name, message, requestedSchema: schema };
}

/** Whether a form has a field that is not to be shown again (JSON Schema, `writeOnly`). */
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
    throw new Refused('The page that it wants opened has no https address.');
  return url.href;
}
