// Shapes of fields that many schemas have. Each takes the description of the field and an example.
import { withFormerFields } from '@errand/trpc-openapi/contract';
import { z } from 'zod';
import { Timestamp } from './scalars.ts';

/** The description of a schema, and an example of its values. */
export const doc = (description: string, example: unknown) => ({ description, examples: [example] });

export const text = (description: string, example: string) => z.string().meta(doc(description, example));

export const optionalText = (description: string, example: string) =>
  z.string().optional().meta(doc(description, example));

/** A required text of an input. */
export const inputText = (max: number, description: string, example: string) =>
  z.string().min(1).max(max).meta(doc(description, example));

export const optionalInputText = (max: number, description: string, example: string) =>
  z.string().max(max).optional().meta(doc(description, example));

/** The same for a text that must not be empty. */
export const optionalNonEmptyText = (max: number, description: string, example: string) =>
  z.string().min(1).max(max).optional().meta(doc(description, example));

export const flag = (description: string, example: boolean) => z.boolean().meta(doc(description, example));

export const optionalFlag = (description: string, example: boolean) =>
  z.boolean().optional().meta(doc(description, example));

export const defaultFlag = (value: boolean, description: string, example: boolean) =>
  z.boolean().default(value).meta(doc(description, example));

export const oneOf = <const V extends readonly string[]>(values: V, description: string, example: V[number]) =>
  z.enum(values).meta(doc(description, example));

export const optionalOneOf = <const V extends readonly string[]>(values: V, description: string, example: V[number]) =>
  z.enum(values).optional().meta(doc(description, example));

export const count = (description: string, example: number) => z.int().min(0).meta(doc(description, example));

export const optionalCount = (description: string, example: number) =>
  z.int().min(0).optional().meta(doc(description, example));

/** A limit in an input: a whole number from 1. */
export const optionalLimit = (max: number, description: string, example: number) =>
  z.int().min(1).max(max).optional().meta(doc(description, example));

/** The maximum number of items in an answer. */
export const defaultLimit = (value: number, max: number, description: string, example = value) =>
  z.int().min(1).max(max).default(value).meta(doc(description, example));

export const optionalUuid = (description: string, example: string) =>
  z.guid().optional().meta(doc(description, example));

export const optionalTime = (description: string, example?: string) =>
  Timestamp.optional().meta({ description, ...(example !== undefined && { examples: [example] }) });

/** A text that Postgres can store. */
export const storableText = (max: number) =>
  z
    .string()
    .max(max)
    .refine((value) => !value.includes('\0') && value.isWellFormed(), 'Must contain no NUL and no lone surrogate.');

export const nextCursor = z
  .string()
  .optional()
  .meta({ description: 'Send it as `cursor` to get the next page. Absent on the last page.' });
/** The cursor of lists that are read in the order of their ids. */
export const cursor = z
  .guid()
  .optional()
  .meta({ errorCode: 'invalid_cursor', description: '`nextCursor` of the previous page.' });

/** The cursor of lists of users. */
export const userCursor = z
  .string()
  .min(1)
  .max(2000)
  .optional()
  .meta({ errorCode: 'invalid_cursor', description: '`nextCursor` of the previous page.' });

/** A cursor that is signed with its list, the workspace and the filters. */
export const signedCursor = z
  .string()
  .min(1)
  .max(2000)
  .optional()
  .meta({ errorCode: 'invalid_cursor', description: '`nextCursor` of the previous page, with the same filters.' });

/** Refuses `limit` and `after`, which lists took before, with a remedy. @param input of a list in pages */
export const inPages = <S extends z.ZodObject>(input: S): S =>
  withFormerFields(input, {
    names: ['limit', 'after'],
    message: 'Unknown field: lists take pageSize and cursor',
    remedy: 'Send `pageSize`, the number of items, and as `cursor` the `nextCursor` of the previous page.',
  });

/** The input of a list in pages. @param items the items, for the description */
export const listInput = <S extends z.ZodRawShape>(items: string, filters: S) =>
  inPages(z.strictObject({ ...filters, pageSize: defaultLimit(100, 1000, `${items} a page.`), cursor: signedCursor }));

export const linkToken = inputText(500, 'The token of the link.', 'AZLw…');

export const csrf = z.string().max(100).meta(doc('Binds the form to the browser that it was made for.', 'k3Zq…'));

export const answeredBy = optionalText('Who answered.', 'er_live_…k3Zq');

/** The cost of models. */
export const cost = (description: string, amount: number) =>
  z
    .object({
      amount: z.number().min(0).meta(doc('In units of the currency.', amount)),
      currency: text('ISO 4217.', 'USD'),
    })
    .optional()
    .meta(doc(description, { amount, currency: 'USD' }));

/** A frame of a stream, named by its type. */
export const frame = <T extends string, S extends z.ZodRawShape>(type: T, id: string, description: string, shape: S) =>
  z
    .object({ type: z.literal(type).meta({ description: 'The name of the frame.' }), ...shape })
    .meta({ id, description });
