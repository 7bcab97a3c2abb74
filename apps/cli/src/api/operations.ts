// Every operation of the contract, for `errand api`. Nothing here names one.
import { contract } from '@errand/contracts';
import { type Operation, operations } from '@errand/trpc-openapi/contract';
import { z } from 'zod';
import { usageFailure } from '../outcome/failure.ts';

export type NamedOperation = { name: string; op: Operation };

/** Operations for people who are signed in to the console answer no key. */
const answersKeys = ({ op }: NamedOperation): boolean => op.callers !== 'people' && op.callers !== 'operators';

export const keyOperations: readonly NamedOperation[] = operations(contract).filter(answersKeys);

/** The operation with this name: `runs.list`, or `runsList` as in the OpenAPI document. */
export function findOperation(text: string): NamedOperation {
  const wanted = plainName(text);
  const found = operations(contract).find(({ name }) => plainName(name) === wanted);
  if (!found) {
    const near = keyOperations.filter(({ name }) => plainName(name).includes(wanted)).map(({ name }) => name);
    const list = near.length > 0 ? `Similar: ${near.slice(0, 8).join(', ')}.` : 'errand api lists all of them.';
    throw usageFailure(`There is no operation "${text}".`, list);
  }
  if (answersKeys(found)) return found;
  throw usageFailure(`${found.name} answers only people who are signed in to the console.`, 'Run errand open.');
}

const plainName = (name: string): string => name.replaceAll('.', '').toLowerCase();

/** A JSON Schema, as far as it is needed to read an argument. */
export type ArgumentSchema = {
  $ref?: string;
  type?: string | readonly string[];
  enum?: readonly unknown[];
  const?: unknown;
  properties?: Record<string, ArgumentSchema>;
  required?: readonly string[];
  additionalProperties?: ArgumentSchema | boolean;
  items?: ArgumentSchema;
  anyOf?: readonly ArgumentSchema[];
  oneOf?: readonly ArgumentSchema[];
  allOf?: readonly ArgumentSchema[];
  description?: string;
  $defs?: Record<string, ArgumentSchema>;
};

/** The input of an operation as a JSON Schema. */
export const inputSchemaOf = ({ op }: NamedOperation): ArgumentSchema =>
  z.toJSONSchema(op.input as unknown as z.ZodType, { io: 'input', unrepresentable: 'any' }) as ArgumentSchema;
