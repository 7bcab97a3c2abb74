import type { Json, Plan } from '@errand/contracts';
import type { SchemaRequest, Verdict } from '../schema/schema.ts';
import type { SchemaFault } from '../schema/schema-policy.ts';
import type { Complaint, Doubt } from '../template/complaint.ts';
import type { HoleFault, MissingValue, Outcome } from '../template/hole-values.ts';
import type { Analysis } from './expression/expression.ts';

/** Work for a child. Values are JSON texts, so they are plain, and large texts are sent unchanged. */
export type Work =
  | { op: 'analyse'; expressions: readonly string[] }
  | { op: 'evaluate'; expressions: readonly string[]; scope: string }
  | { op: 'checkSchema'; schema: SchemaRequest }
  | { op: 'validate'; schema: SchemaRequest; value: string }
  | { op: 'bind'; args: string; scope: string; schema?: SchemaRequest }
  | ({ op: 'checkPlan' } & PlanToCheck);

/** A plan, its tools, and everything else that its check reads. */
export type PlanToCheck = { plan: string; tools: string; options: string };

export type Answers = {
  analyse: Analysis[];
  evaluate: Outcome[];
  checkSchema: SchemaFault | null;
  validate: Verdict;
  bind: BoundArgs;
  checkPlan: PlanVerdict;
};

/** Arguments with every binding replaced. Members of bindings without a value are left out and listed in `missing`. */
export type BoundArgs = { ok: true; args: Json; missing: MissingValue[]; verdict: Verdict } | HoleFault;

/** A checked plan as plain JSON: its dependencies are a list of entries. */
export type PlanVerdict =
  | {
      ok: true;
      plan: Plan;
      order: readonly string[];
      dependencies: (readonly [string, readonly string[]])[];
      doubts: Doubt[];
    }
  | { ok: false; complaints: Complaint[]; doubts: Doubt[] };

/** The members of work that may be large; each is a separate text of the message, after the head with the others. */
const LARGE_MEMBERS = ['scope', 'value', 'args', 'plan', 'tools', 'options'] as const;

/** The texts of the message that gives a child its work: a head, and the large members unchanged. */
export function encodeWork(work: Work, timeoutMs: number): string[] {
  const { schema, ...rest } = work as Work & { schema?: SchemaRequest };
  const head: Record<string, unknown> = { ...rest, timeoutMs };
  const texts = LARGE_MEMBERS.map((name) => {
    const text = head[name];
    delete head[name];
    return typeof text === 'string' ? text : '';
  });
  if (schema) head.schema = { ...schema, text: '' };
  return [JSON.stringify(head), ...texts, schema?.text ?? ''];
}

/** The inverse of `encodeWork`. */
export function decodeWork(texts: readonly string[]): { work: Work; timeoutMs: number } {
  const { timeoutMs, schema, ...rest } = JSON.parse(texts[0]!);
  const large = Object.fromEntries(LARGE_MEMBERS.map((name, index) => [name, texts[index + 1]]));
  const work = { ...rest, ...large, ...(schema && { schema: { ...schema, text: texts.at(-1) } }) };
  return { work, timeoutMs };
}

/** A child's messages: first `['ready']`, then for each job its answer as JSON text, or the reason why there is none. */
export type Reply = readonly ['ready', undefined] | readonly ['answer' | 'failed', string];
