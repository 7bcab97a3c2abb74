import type { Json } from '@errand/contracts';
import type { Missing } from '../execute/hole-values.ts';
import type { SchemaRequest, Verdict } from '../schema/schema.ts';
import type { SchemaFault } from '../schema/schema-policy.ts';
import type { Analysis, Outcome } from './expression.ts';

/** Work for a thread. Values travel as JSON text: that is faster than a structured clone, and the result is plain. */
export type Work =
  | { op: 'analyse'; expressions: readonly string[] }
  | { op: 'evaluate'; expressions: readonly string[]; scope: string }
  | { op: 'checkSchema'; schema: SchemaRequest }
  | { op: 'validate'; schema: SchemaRequest; value: string }
  | { op: 'bind'; args: string; scope: string; schema?: SchemaRequest };

export type Answers = {
  analyse: Analysis[];
  evaluate: Outcome[];
  checkSchema: SchemaFault | null;
  validate: Verdict;
  bind: Bound;
};

/** Arguments with every binding replaced. `missing` are those that gave no value; their members are left out. */
export type Bound =
  | { ok: true; args: Json; missing: Missing[]; verdict: Verdict }
  | {
      ok: false;
      pointer: string;
      expression: string;
      message: string;
      position?: number;
      why?: string;
      refused?: true;
    };

/** The first message of a thread: it is ready, and the system knows it by this id. */
export type Ready = { ready: true; thread: string | undefined };
export type Message = { work: Work; timeoutMs: number };
export type Reply = { text: string } | { failed: string };
