import type { APICallError } from 'ai';
import { isAboutModel, messageOf, TOKEN_LIMIT_PATTERN } from './failure.ts';
import type { ModelProvider, ModelSettings } from './options.ts';

/** The requested format of an answer: JSON of a schema, any JSON, or text. */
export type AnswerFormat = 'schema' | 'json' | 'text';

/** The variable parts of a request, in the form that an endpoint accepts. */
export type RequestForm = {
  /** `chat`: OpenAI's chat completions, for `openai` base URLs without the responses API. */
  wire: 'provider' | 'chat';
  stream: boolean;
  /** Requests the token count of a streamed answer (`stream_options`). */
  countsStream: boolean;
  format: AnswerFormat;
  temperature: boolean;
  /** By default the endpoint's own limit applies. */
  maxOutputTokens: number | undefined;
  tokensField: 'max_tokens' | 'max_completion_tokens';
  /** Position of the system text: a separate message, or the beginning of the first user message. */
  system: 'system' | 'user';
  /** Reduced for one long prompt only, so it is not remembered. */
  isForOnePrompt?: boolean;
};

/**
 * The first format for plans, which contain open objects: the strict schemas of OpenAI, Anthropic and Google allow none. Many compatible
 * endpoints enforce any schema.
 */
const firstFormat: Record<ModelProvider, AnswerFormat> = {
  openai: 'json',
  anthropic: 'text',
  google: 'json',
  'openai-compatible': 'schema',
};

export const firstForm = ({ provider, maxOutputTokens }: ModelSettings): RequestForm => ({
  wire: 'provider',
  stream: true,
  countsStream: true,
  format: firstFormat[provider],
  temperature: true,
  maxOutputTokens,
  tokensField: 'max_tokens',
  system: 'system',
});

/** A plan does not fit into fewer tokens. */
const LEAST_OUTPUT_TOKENS = 256;

/**
 * The next form to try after a refusal, according to its status and text, if it is about the form. Each form demands less than the one
 * before, so the search always ends.
 */
export function formAfterRefusal(
  call: APICallError,
  form: RequestForm,
  settings: ModelSettings,
): RequestForm | undefined {
  const { statusCode: status = 0 } = call;
  if (status < 400 || [401, 403, 429].includes(status)) return undefined;
  if ([404, 405].includes(status) && !isAboutModel(call)) return atOtherPath(form, settings);
  const refusal = `${messageOf(call)} ${call.responseBody ?? ''}`.slice(0, 4000);
  return (
    withFewerTokens(refusal, form) ??
    (form.temperature && /temperature/i.test(refusal) ? { ...form, temperature: false } : undefined) ??
    withLessFormat(refusal, form) ??
    (form.system === 'system' && SYSTEM.test(refusal) ? { ...form, system: 'user' } : undefined) ??
    (status < 500 || status === 501 ? withoutStream(refusal, form) : undefined)
  );
}

function atOtherPath(form: RequestForm, { provider, baseUrl }: ModelSettings): RequestForm | undefined {
  if (provider === 'openai' && baseUrl && form.wire === 'provider') return { ...form, wire: 'chat' };
  // Google has a separate path for streams.
  return provider === 'google' && form.stream ? { ...form, stream: false } : undefined;
}

const TOO_MANY = /too (large|high|big|many)|exceed|at most|less than|more than|greater|above|maximum|range|limit|>/i;
const CONTEXT = /context (length|window|size)/i;

function withFewerTokens(refusal: string, form: RequestForm): RequestForm | undefined {
  const { maxOutputTokens, tokensField } = form;
  if (maxOutputTokens === undefined || !TOKEN_LIMIT_PATTERN.test(refusal)) return undefined;
  if (TOO_MANY.test(refusal)) {
    const half = Math.floor(maxOutputTokens / 2);
    if (half < LEAST_OUTPUT_TOKENS) return undefined;
    return { ...form, maxOutputTokens: half, ...(CONTEXT.test(refusal) && { isForOnePrompt: true }) };
  }
  const isOtherName = tokensField === 'max_tokens' && refusal.includes('max_completion_tokens');
  return isOtherName ? { ...form, tokensField: 'max_completion_tokens' } : { ...form, maxOutputTokens: undefined };
}

function withLessFormat(refusal: string, form: RequestForm): RequestForm | undefined {
  const isFormat = /response_?format|json[ _-]?(object|mode|schema)|grammar|response_?mime_?type/i.test(refusal);
  if (form.format === 'text' || !isFormat) return undefined;
  return { ...form, format: form.format === 'schema' ? 'json' : 'text' };
}

const SYSTEM =
  // at most 4,000 characters: refusals are cut
  /\b(system|developer)[ _-]?(role|message|prompt|instruction)|role.{0,60}\bsystem\b|\bsystem\b.{0,40}\brole|roles must alternate/i;

function withoutStream(refusal: string, form: RequestForm): RequestForm | undefined {
  if (!form.stream) return undefined;
  if (form.countsStream && /stream_options|include_usage/i.test(refusal)) return { ...form, countsStream: false };
  return /\bstream(ing|ed|s)?\b/i.test(refusal) ? { ...form, stream: false } : undefined;
}
