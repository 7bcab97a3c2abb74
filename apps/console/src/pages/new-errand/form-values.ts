// The fields of a new errand as a person fills them in, and as the service takes them.
import type { Inputs } from '@errand/client/console';
import { schemaOf } from './schema-of.ts';

export type CreateInput = Inputs['runs']['create'];
export type Strategy = NonNullable<CreateInput['approvalStrategy']>;

export type FormValues = {
  intent: string;
  context: string;
  userId: string;
  /** Ids; empty for all active integrations. */
  integrations: string[];
  approvalStrategy: Strategy;
  /** JSON; empty for a result of any shape. */
  outputSchema: string;
  /** Whether `outputSchema` holds an example of the result instead of its schema. */
  isExample: boolean;
  maxToolCalls: string;
  maxSeconds: string;
};

export const EMPTY: FormValues = {
  intent: '',
  context: '',
  userId: '',
  integrations: [],
  approvalStrategy: 'ON_WRITE',
  outputSchema: '',
  isExample: true,
  maxToolCalls: '',
  maxSeconds: '',
};

export type FormErrors = Partial<Record<keyof FormValues, string>>;
type Read<T> = { value: T | undefined; error?: string };

/** The input of the errand, or why there is none, by field. */
export function readForm(values: FormValues): { input?: CreateInput; errors: FormErrors } {
  const outputSchema = readSchema(values);
  const maxToolCalls = readNumber(values.maxToolCalls);
  const maxSeconds = readNumber(values.maxSeconds);
  const errors: FormErrors = {
    ...(values.intent.trim() === '' && { intent: 'Write what should be done.' }),
    ...(values.userId.trim() === '' && { userId: 'Name the user whose credentials are used.' }),
    ...(outputSchema.error !== undefined && { outputSchema: outputSchema.error }),
    ...(maxToolCalls.error !== undefined && { maxToolCalls: maxToolCalls.error }),
    ...(maxSeconds.error !== undefined && { maxSeconds: maxSeconds.error }),
  };
  if (Object.keys(errors).length > 0) return { errors };
  const budget = {
    ...(maxToolCalls.value !== undefined && { maxToolCalls: maxToolCalls.value }),
    ...(maxSeconds.value !== undefined && { maxSeconds: maxSeconds.value }),
  };
  const input: CreateInput = {
    intent: values.intent.trim(),
    userId: values.userId.trim(),
    selectedCustomerIntegrationIds: values.integrations.length === 0 ? ['*'] : values.integrations,
    approvalStrategy: values.approvalStrategy,
    ...(values.context.trim() !== '' && { context: values.context }),
    ...(outputSchema.value !== undefined && { outputSchema: outputSchema.value }),
    ...(Object.keys(budget).length > 0 && { budget }),
  };
  return { input, errors };
}

function readSchema({ outputSchema, isExample }: FormValues): Read<CreateInput['outputSchema']> {
  if (outputSchema.trim() === '') return { value: undefined };
  let value: unknown;
  try {
    value = JSON.parse(outputSchema);
  } catch (error) {
    return { value: undefined, error: `This is not JSON. ${(error as Error).message}` };
  }
  if (isExample) return { value: schemaOf(value) as CreateInput['outputSchema'] };
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return { value: value as CreateInput['outputSchema'] };
  return { value: undefined, error: 'A JSON Schema is an object. For a value, choose "example".' };
}

function readNumber(text: string): Read<number> {
  if (text.trim() === '') return { value: undefined };
  const value = Number(text);
  return Number.isInteger(value) && value > 0 ? { value } : { value: undefined, error: 'Write a whole number from 1.' };
}
