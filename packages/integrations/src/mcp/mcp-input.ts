import { isRecord } from '@errand/basics/is-record';
import {
  INPUT_LIMITS,
  type InputRequest,
  type Json,
  type JsonSchema,
  Secret,
  type ToolOutcome,
} from '@errand/contracts';
import type { InputRequiredResult } from '@modelcontextprotocol/client';
import { z } from 'zod';
import { cleanJson, cleanText, TooDeep } from '../execute/clean.ts';
import { failure } from '../execute/outcome.ts';

/** Largest state that is stored for a server, in bytes, and longest name of one of its requests. */
const MAX_STATE_BYTES = 64 * 1024;
const MAX_NAME = 200;

const Elicitation = z.object({
  method: z.literal('elicitation/create'),
  params: z.looseObject({ mode: z.string().optional(), message: z.string() }),
});

class RefusedInput extends Error {}

/**
 * Checks and cleans the questions that a server asks before it continues a call: forms without secrets, and pages.
 * @param origin of the server; its pages may have any scheme
 */
export function outcomeOfInputRequired(
  { inputRequests = {}, requestState }: InputRequiredResult,
  { secretForms, origin }: { secretForms: readonly string[]; origin: string },
): ToolOutcome {
  try {
    const entries = Object.entries(inputRequests);
    if (entries.length > INPUT_LIMITS.requests)
      throw new RefusedInput(`It asks ${entries.length} questions at once; the limit is ${INPUT_LIMITS.requests}.`);
    if (Buffer.byteLength(requestState ?? '') > MAX_STATE_BYTES)
      throw new RefusedInput(`The state of its question is larger than ${MAX_STATE_BYTES / 1024} KiB.`);
    const inputs = entries.map(([name, request]) => inputOf(name, request, secretForms, origin));
    return failure('input_required', 'The service asks the user a question first.', {
      asks: { inputs, ...(requestState !== undefined && { state: new Secret(requestState) }) },
    });
  } catch (error) {
    if (!(error instanceof RefusedInput) && !(error instanceof TooDeep)) throw error;
    const message = error instanceof RefusedInput ? error.message : 'The form is nested too deeply.';
    return failure('input_refused', message);
  }
}

function inputOf(name: string, request: unknown, secretForms: readonly string[], origin: string): InputRequest {
  const parsed = Elicitation.safeParse(request);
  if (!parsed.success || name.length > MAX_NAME)
    throw new RefusedInput('It requests input other than a form or a page, which is not supported.');
  const { mode = 'form', message: text, ...params } = parsed.data.params;
  const message =
    cleanText(text, secretForms).trim().slice(0, INPUT_LIMITS.letters).toWellFormed() || 'More is needed.';
  if (mode === 'url') return { name, message, openUrl: pageUrl(params.url, origin) };
  if (mode !== 'form') throw new RefusedInput('It asks in a mode that is not supported.');
  const schema = flatForm(cleanJson((params.requestedSchema ?? null) as Json, secretForms));
  if (typeof schema === 'string') throw new RefusedInput(schema);
  const texts = [message, ...Object.entries(schema.properties).flatMap(textsOf)];
  if (texts.some(asksForSecret) || hasWriteOnlyField(params.requestedSchema))
    throw new RefusedInput(
      'The form asks for a password, a token or a card. Store such secrets with the integration, or enter them on a page of the service itself.',
    );
  return { name, message, requestedSchema: schema };
}

/** Whether a form has a field that must not be shown again (JSON Schema, `writeOnly`). */
const hasWriteOnlyField = (schema: unknown): boolean =>
  Object.values((schema as { properties?: Record<string, unknown> } | null)?.properties ?? {}).some(
    (field) => (field as { writeOnly?: unknown } | null)?.writeOnly === true,
  );

const textsOf = ([name, field]: [string, { title?: unknown; description?: unknown; format?: unknown }]): string[] =>
  [name, field.title, field.description, field.format].filter((text) => typeof text === 'string');

function pageUrl(address: unknown, origin: string): string {
  const fits = typeof address === 'string' && address.length <= INPUT_LIMITS.url && URL.canParse(address);
  const url = fits ? new URL(address) : null;
  if (!url || url.username || url.password || !(url.protocol === 'https:' || url.origin === origin))
    throw new RefusedInput('The page to open has no https address.');
  return url.href;
}

type Field = { [keyword: string]: Json };
type FlatForm = JsonSchema & { type: 'object'; properties: { [name: string]: Field } };

/** Keywords that fields keep; all others are left out. */
const KEPT_KEYWORDS = [
  ...['type', 'title', 'description', 'default', 'format', 'pattern', 'minLength', 'maxLength'],
  ...['minimum', 'maximum', 'minItems', 'maxItems', 'uniqueItems'],
];
const PLAIN_TYPES = new Set<unknown>(['string', 'number', 'integer', 'boolean']);
const MAX_CHOICES = 100;

/** A form that people can fill in: a flat object of plain fields; otherwise the sentence that says why not. */
function flatForm(schema: Json): FlatForm | string {
  if (!isRecord(schema) || (schema.type ?? 'object') !== 'object' || !isRecord(schema.properties ?? {}))
    return 'The form is not an object.';
  const requested = Object.entries((schema.properties ?? {}) as Record<string, Json>);
  if (requested.length > INPUT_LIMITS.fields || JSON.stringify(schema).length > INPUT_LIMITS.schemaBytes)
    return `The form is too large: the limits are ${INPUT_LIMITS.fields} fields and ${INPUT_LIMITS.schemaBytes / 1024} KiB.`;
  const properties: [string, Field][] = [];
  for (const [name, field] of requested) {
    const flat = flatField(field);
    if (!flat || name === '' || name.length > 128)
      return 'The form is not flat: fields must be texts, numbers, booleans or choices.';
    properties.push([name, flat]);
  }
  const names = new Set(properties.map(([name]) => name));
  const required = (Array.isArray(schema.required) ? schema.required : []).filter(
    (name) => typeof name === 'string' && names.has(name),
  );
  return { type: 'object', properties: Object.fromEntries(properties), ...(required.length > 0 && { required }) };
}

function flatField(field: Json): Field | undefined {
  if (!isRecord(field)) return undefined;
  const requested = field as Field;
  const members: Field = Object.fromEntries(
    KEPT_KEYWORDS.flatMap((key) => (requested[key] === undefined ? [] : [[key, requested[key]]])),
  );
  const choices = choicesOf(requested);
  if (choices === null) return undefined;
  if (requested.type === 'array') {
    const items = isRecord(requested.items) ? choicesOf(requested.items as Field) : undefined;
    return items ? { ...members, items: { type: 'string', ...items } } : undefined;
  }
  if (!PLAIN_TYPES.has(requested.type ?? (choices ? 'string' : undefined))) return undefined;
  return { ...members, type: requested.type ?? 'string', ...choices };
}

/** Choices with their labels, in one notation; undefined without choices, null if they are not texts. */
function choicesOf({ enum: values, enumNames, oneOf, anyOf }: Field): Field | undefined | null {
  const labelled = oneOf ?? anyOf;
  if (labelled !== undefined) {
    if (!Array.isArray(labelled) || labelled.length > MAX_CHOICES) return null;
    const options = labelled.flatMap((option) =>
      isRecord(option) && typeof option.const === 'string'
        ? [{ const: option.const, ...(typeof option.title === 'string' && { title: option.title }) }]
        : [],
    );
    return options.length === labelled.length && options.length > 0 ? { oneOf: options } : null;
  }
  if (values === undefined) return undefined;
  if (!Array.isArray(values) || values.length === 0 || values.length > MAX_CHOICES) return null;
  if (!values.every((value) => typeof value === 'string')) return null;
  if (!Array.isArray(enumNames)) return { enum: values };
  return {
    oneOf: values.map((value, n) => ({
      const: value,
      ...(typeof enumNames[n] === 'string' && { title: enumNames[n] }),
    })),
  };
}

/** Names of secrets, which a form must not ask for, in English (first) and other frequent languages of services. */
const TERMS = [
  'pass ?(?:word|phrase|code|wd)|pwd|secrets?|credentials?|api ?key|private ?key|token|otp|one time code|cvv|cvc|security code',
  'pin ?(?:code|number)|your pin|(?:credit|debit|bank|payment) ?card|card ?(?:number|no|holder)|iban',
  // German, Dutch
  'passw[oö]rt|kennwort|zugangsdaten|einmalcode|sicherheitscode|kreditkarten?(?:nummer)?|kartennummer|api ?schlüssel|privater schlüssel',
  'wachtwoord|toegangscode|beveiligingscode|pincode|kaartnummer',
  // French, Spanish, Italian, Portuguese
  'mot de passe|code secret|jeton|carte (?:bancaire|bleue|de crédit)|numéro de (?:la )?carte|cryptogramme|clé (?:api|secrète|privée)',
  'contraseña|clave (?:secreta|privada|de acceso|api)|código de (?:seguridad|verificación)|tarjeta de (?:crédito|débito)|número de (?:la )?tarjeta',
  "parola d'ordine|codice (?:segreto|di sicurezza)|carta di (?:credito|debito)|numero (?:di|della) carta|chiave (?:segreta|privata|api)",
  'senha|palavra passe|código de segurança|cartão de (?:crédito|débito)|número do cartão|chave (?:secreta|privada|api)',
  // Polish
  'hasło|hasła|kod (?:pin|bezpieczeństwa)|kart[ay] (?:kredytow|płatnicz)(?:a|ej)|numer karty|klucz (?:api|prywatny)',
];
const SECRET_PATTERN = new RegExp(String.raw`(?<![\p{L}\p{N}])(?:${TERMS.join('|')})(?![\p{L}\p{N}])|^pin$`, 'iu');
/** Japanese and Chinese, which are written without spaces. */
const UNSPACED_SECRET_PATTERN =
  /パスワード|暗証番号|認証コード|セキュリティコード|トークン|秘密鍵|クレジットカード|密码|密碼|口令|验证码|驗證碼|令牌|密钥|金鑰|信用卡|银行卡|銀行卡/;

/** Whether a text of a form asks for a secret. `apiKey` and `api_key` count as two words. */
function asksForSecret(text: string): boolean {
  const words = text
    .normalize('NFKC')
    // The mark of a secret that the server echoed.
    .replaceAll('[secret]', '')
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/[_\-\s]+/g, ' ')
    .replaceAll('’', "'");
  return SECRET_PATTERN.test(words) || UNSPACED_SECRET_PATTERN.test(words);
}
