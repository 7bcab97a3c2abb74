// The variables of an integration: parts of its addresses and fixed values that differ by owner or by user.
import { z } from 'zod';
import { doc, optionalFlag, optionalInputText, optionalOneOf } from '../../base/fields.ts';
import { MAX_URL } from '../../base/scalars.ts';

export const VARIABLE_NAME = /^[A-Za-z_]\w{0,63}$/;
const MAX_VARIABLES = 30;
/** Longest value, in characters. */
export const MAX_VARIABLE_VALUE = 2000;

/** A text in which `{name}` stands for the value of a variable. */
export const template = (max: number) => z.string().max(max);

/** The text with each `{name}` replaced by `x`: valid in every part of a URL. */
const withoutVariables = (text: string): string =>
  text.replace(/:\{[A-Za-z_]\w{0,63}\}/g, ':1').replace(/\{[A-Za-z_]\w{0,63}\}/g, 'x');

const isHttpUrl = (text: string): boolean => {
  const plain = withoutVariables(text);
  return URL.canParse(plain) && /^https?:$/.test(new URL(plain).protocol) && !/[{}]/.test(plain);
};

/** An http(s) URL that may contain variables: `https://{shop}.myshopify.com/admin`, or `{instanceUrl}/services/data`. */
export const urlTemplate = z
  .string()
  .min(1)
  .max(MAX_URL)
  .refine((text) => isHttpUrl(text.replace(/^\{[A-Za-z_]\w{0,63}\}/, 'https://x')) || isHttpUrl(text), {
    error: 'Must be an http(s) URL. {name} stands for the value of a variable.',
  });

const valueText = z
  .string()
  .max(MAX_VARIABLE_VALUE)
  .regex(/^[^\r\n\0]*$/, 'Must be one line.');

/** A path of member names, separated by dots: `team.id`. A number is an index of a list. */
export const answerPath = z
  .string()
  .min(1)
  .max(200)
  .regex(/^[^.\s]+(?:\.[^.\s]+)*$/, 'Must be member names separated by dots.');

const LookUp = z
  .strictObject({
    method: z.enum(['GET', 'POST']).default('GET').meta(doc('Its method.', 'GET')),
    url: urlTemplate.meta(doc('Its URL. Called with the new access token.', 'https://api.example.com/oauth/sites')),
  })
  .meta({ id: 'VariableLookUp', description: 'The request that finds the value after a consent.' });

export const Variable = z
  .strictObject({
    title: optionalInputText(100, 'Its name, for people.', 'Subdomain'),
    description: optionalInputText(400, 'Where to find its value, for people.', 'The part before .zendesk.com.'),
    from: optionalOneOf(
      ['owner', 'user', 'tokenAnswer', 'callback', 'lookup'],
      'The source of its value. owner: set here. user: each user enters it on the connect page, or you store it with the credential. tokenAnswer: the answer of the token endpoint, at `path`. callback: the parameter `path` of the callback. lookup: the answer of `request`, at `path`. Default: owner.',
      'user',
    ),
    pattern: z
      .string()
      .max(200)
      .optional()
      .meta(
        doc(
          'A regular expression that the whole value must match. Default for a variable in the host of a URL: letters, digits and hyphens.',
          '^[a-z0-9-]+$',
        ),
      ),
    enum: z
      .array(valueText)
      .min(1)
      .max(50)
      .optional()
      .meta(doc('The allowed values.', ['', 'eu.'])),
    example: optionalInputText(200, 'An example, for people.', 'acme'),
    default: valueText.optional().meta(doc('The value if neither owner nor user gives one.', 'common')),
    value: valueText.optional().meta(doc('The value of the owner.', 'acme')),
    secret: optionalFlag(
      'Whether it is a credential: stored sealed, never returned, sent only to the origin of the integration. For services that require several credentials.',
      true,
    ),
    path: answerPath.optional().meta(doc('Where the value is: see `from`.', 'team.id')),
    request: LookUp.optional().meta({ description: 'With from lookup: the request.' }),
  })
  .meta({ id: 'IntegrationVariable', description: 'A variable of an integration.' });
export type Variable = z.infer<typeof Variable>;

const variableName = z.string().regex(VARIABLE_NAME, 'Must be a name: letters, digits and _.');
const atMost = <T>(values: Readonly<Record<string, T>>): boolean => Object.keys(values).length <= MAX_VARIABLES;

/** Values by name, as the owner or a user gives them. */
export const VariableValues = z
  .record(variableName, valueText)
  .refine(atMost, `At most ${MAX_VARIABLES} variables.`)
  .meta({ description: 'Values of variables by name.', examples: [{ shop: 'acme' }] });
export type VariableValues = z.infer<typeof VariableValues>;

/** Variables by name; a text is the value of the owner. */
export const Variables = z
  .record(variableName, z.union([valueText, Variable]))
  .refine(atMost, `At most ${MAX_VARIABLES} variables.`)
  .meta({
    description:
      'Variables by name. `{name}` stands for the value in baseUrl, headers, query, arguments and the URLs of auth. A text is the value of the owner.',
    examples: [{ region: 'eu', shop: { title: 'Shop', from: 'user', pattern: '^[a-z0-9-]+$' } }],
  });
export type Variables = z.infer<typeof Variables>;

const PART = /\{([A-Za-z_]\w{0,63})\}/g;

/** The names of the variables in a text. */
export const variablesIn = (text: string): string[] => [...text.matchAll(PART)].map(([, name]) => name!);

/** Replaces each `{name}` by its value; undefined if a value is missing. */
export function expandTemplate(text: string, values: Readonly<Record<string, string>>): string | undefined {
  const isComplete = variablesIn(text).every((name) => Object.hasOwn(values, name));
  return isComplete ? text.replace(PART, (_all, name: string) => values[name]!) : undefined;
}
