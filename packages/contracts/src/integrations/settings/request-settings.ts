// What an integration adds to every request, and the documents that describe it.
import { z } from 'zod';
import { doc } from '../../base/fields.ts';
import { Json } from '../../base/json.ts';
import { template } from '../variables/variables.ts';

const headerName = z
  .string()
  .min(1)
  .max(100)
  .regex(/^[\w!#$%&'*+.^`|~-]+$/, 'Must be a header or parameter name.');
const MAX_ENTRIES = 50;
const atMost = (values: Readonly<Record<string, unknown>>): boolean => Object.keys(values).length <= MAX_ENTRIES;

/** Values by name, in which `{name}` stands for a variable. */
const fixedValues = (description: string, example: Readonly<Record<string, string>>) =>
  z
    .record(headerName, template(2_000).regex(/^[^\r\n\0]*$/, 'Must be one line.'))
    .refine(atMost, `At most ${MAX_ENTRIES}.`)
    .meta(doc(description, example));

export const headers = fixedValues(
  'Headers of every call, after those of the operation. `{name}` stands for a variable.',
  { 'Notion-Version': '2022-06-28' },
);

export const queryParameters = fixedValues('Query parameters of every call. `{name}` stands for a variable.', {
  alt: 'json',
});

export const fixedArguments = z
  .record(
    z.string().min(1).max(200),
    z.record(z.string().min(1).max(200), Json).refine(atMost, `At most ${MAX_ENTRIES} arguments.`),
  )
  .refine((value) => Object.keys(value).length <= 200, 'At most 200 operations.')
  .meta({
    description:
      'Arguments that planners do not see, by operation (`*`: all) and by name. The value is sent wherever the operation has the parameter; null hides the argument and sends nothing. In a text `{name}` stands for a variable.',
    examples: [{ '*': { AccountSid: '{accountSid}', token: null }, listMessages: { userId: 'me' } }],
  });
export type FixedArguments = z.infer<typeof fixedArguments>;

/** What an integration adds to every request. */
export type RequestSettings = {
  headers?: Readonly<Record<string, string>>;
  query?: Readonly<Record<string, string>>;
  arguments?: FixedArguments;
};

const picked = (description: string, example: string) =>
  z
    .array(z.string().min(1).max(300))
    .min(1)
    .max(200)
    .optional()
    .meta(doc(description, [example]));

export const PickOperations = z
  .strictObject({
    operations: picked('Operations: their operationId, or method and path.', 'issues/create'),
    tags: picked('Every operation with one of these tags.', 'issues'),
    paths: picked('Every operation whose path begins with one of these.', '/repos/{owner}/{repo}/issues'),
  })
  .refine(({ operations, tags, paths }) => operations ?? tags ?? paths, 'Pick operations, tags or paths.')
  .meta({
    id: 'PickOperations',
    description:
      'The operations to read from the document; the others are dropped before it is converted. Required for a document of more than 8 MiB.',
  });
export type PickOperations = z.infer<typeof PickOperations>;
