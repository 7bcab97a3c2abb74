import { type Awaitable, chain } from '@errand/basics/awaitable';
import type { Json, JsonSchema } from '@errand/contracts';
import { LRUCache } from 'lru-cache';
import { surelyFits } from '../schema/plain-schema.ts';
import type { SchemaRequest, Verdict } from '../schema/schema.ts';
import type { Dialect, SchemaFault } from '../schema/schema-policy.ts';
import { bindTemplate, type Outcome } from '../template/hole-values.ts';
import { JsonText, serializeScope } from '../template/json-text.ts';
import { expressionsOf, holesOf } from '../template/template.ts';
import { isAnswer } from './answer-shape.ts';
import type { Analysis } from './expression/expression.ts';
import type { Operation } from './expression/operations.ts';
import { JobFailure } from './job-failure.ts';
import { namesOf, type PlainPath, plainPath } from './plain-path.ts';
import { Pool } from './pool.ts';
import type { Answers, BoundArgs, PlanToCheck, PlanVerdict, Work } from './protocol.ts';
import { Declined, newEvaluationBudget, simpleExpression } from './simple-expression.ts';

export type SandboxOptions = {
  /** Maximum number of child processes. Default 2; untrusted text may grow the heap of each to 128 MiB. */
  children?: number;
  /** Elapsed time of one job, in ms. Default 1000. */
  timeoutMs?: number;
  /** Elapsed time of the check of one plan, in ms. Default 5000. */
  checkMs?: number;
};

/** `closed`: objects that list their properties accept no others. */
type SchemaOptions = { dialect?: Dialect; closed?: boolean };
type SchemaVerdict = { ok: true } | ({ ok: false } & SchemaFault);

/** Members of the scope: intent, context, pairs, input, now, steps, item, index. These, and the outputs of steps, may be `JsonText`. */
export type Scope = Readonly<Record<string, unknown>>;

/** Runs untrusted expressions and JSON Schemas in child processes that can be killed, never in this process. */
export interface Sandbox {
  /** The same processes on behalf of a tenant; waiting tenants take turns. */
  for(tenant: string): Sandbox;
  /** Parses expressions and lists their reads. */
  analyse(expressions: readonly string[]): Awaitable<Analysis[]>;
  /**
   * Evaluates expressions of one step against one scope, in at most one job. No value at all is null with `missing: true`. A fault is in
   * its outcome; only a closed sandbox rejects.
   */
  evaluate(expressions: readonly string[], scope: Scope, timeoutMs?: number): Awaitable<Outcome[]>;
  /** Whether a schema may be used: limits, keywords, patterns, and that validation ends. */
  checkSchema(schema: JsonSchema | boolean, options?: SchemaOptions): Promise<SchemaVerdict>;
  /** Validates a value, without a job when it surely fits. `fault`: the schema itself cannot be used. */
  validate(schema: JsonSchema | boolean, value: Json, options?: SchemaOptions): Awaitable<Verdict>;
  /**
   * Replaces the bindings of arguments and, with `schema`, validates the outcome as a tool's arguments, in at most one job. Members of
   * bindings without a value are left out and listed in `missing`.
   */
  bind(request: { args: Json; scope: Scope; schema?: JsonSchema }): Awaitable<BoundArgs>;
  /** Checks a plan in a process that evaluates no expressions. A check that had to be stopped is a complaint. */
  checkPlan(request: PlanToCheck): Promise<PlanVerdict>;
  close(): Promise<void>;
}

/** Its processes start on first use and do not keep this process alive. */
export function createSandbox(options: SandboxOptions = {}): Sandbox {
  const { children = 2, timeoutMs = 1000, checkMs = 5000 } = options;
  const pool = new Pool({ children, heapMb: 128, stackMb: 4 });
  const analyses: Analyses = new LRUCache({
    max: 5000,
    maxSize: 2_000_000,
    sizeCalculation: (_, key) => key.length + 1,
  });
  // Expressions of strangers never run there, so no verdict on a plan is theirs.
  const checks = new Pool({ children: 1, heapMb: 256, stackMb: 4 });
  return new TenantSandbox({ pool, checks, timeoutMs, checkMs, analyses }, '');
}

/** A sandbox for a process that may be killed itself: `pool` does the work there. */
export const sandboxWithin = (pool: Jobs, timeoutMs: number): Sandbox =>
  new TenantSandbox({ pool, checks: pool, timeoutMs, checkMs: timeoutMs, analyses: new LRUCache({ max: 5000 }) }, '');

type Jobs = Pick<Pool, 'run' | 'close'>;
type Analyses = LRUCache<string, Analysis>;

export const AS_TOOL = { dialect: 'tool', closed: true } as const;

/** Schema objects are the same from call to call, so each is serialized once. */
const texts = new WeakMap<object, string>();

class TenantSandbox implements Sandbox {
  constructor(
    private readonly shared: { pool: Jobs; checks: Jobs; timeoutMs: number; checkMs: number; analyses: Analyses },
    private readonly tenant: string,
  ) {}

  for(tenant: string): Sandbox {
    return new TenantSandbox(this.shared, tenant);
  }

  async close(): Promise<void> {
    await Promise.all([this.shared.pool.close(), this.shared.checks.close()]);
  }

  checkPlan(request: PlanToCheck): Promise<PlanVerdict> {
    const ifKilled = ({ message, why }: JobFailure): PlanVerdict => {
      const remedy = why === 'paused' ? '' : ' Use fewer steps and shorter expressions.';
      return {
        ok: false,
        complaints: [{ pointer: '', message: `Checking the plan ${message}.${remedy}` }],
        doubts: [],
      };
    };
    return this.#run({ op: 'checkPlan', ...request }, ifKilled, this.shared.checkMs);
  }

  analyse(expressions: readonly string[]): Awaitable<Analysis[]> {
    const cache = this.shared.analyses;
    const analyses = new Map<string, Analysis>();
    for (const expression of expressions) {
      const analysis = cache.get(expression) ?? ofPlainPath(expression);
      if (analysis !== undefined) analyses.set(expression, analysis);
    }
    const unparsed = [...new Set(expressions.filter((expression) => !analyses.has(expression)))];
    const inOrder = () => expressions.map((expression) => analyses.get(expression)!);
    if (unparsed.length === 0) return inOrder();
    return this.#parse(unparsed).then((parsed) => {
      for (const [index, expression] of unparsed.entries()) analyses.set(expression, parsed[index]!);
      return inOrder();
    });
  }

  async #parse(expressions: readonly string[]): Promise<Analysis[]> {
    let wasKilled = false;
    const answers = await this.#run({ op: 'analyse', expressions }, ({ message }) => {
      wasKilled = true;
      return expressions.map(() => ({ ok: false, message }));
    });
    if (!wasKilled)
      for (const [index, expression] of expressions.entries()) this.shared.analyses.set(expression, answers[index]!);
    return answers;
  }

  evaluate(expressions: readonly string[], scope: Scope, timeoutMs?: number): Awaitable<Outcome[]> {
    const outcomes = outcomesHere(expressions, scope);
    const remaining = expressions.filter((_, index) => outcomes[index] === undefined);
    if (remaining.length === 0) return outcomes as Outcome[];
    return this.#run(
      { op: 'evaluate', expressions: remaining, scope: serializeScope(scope) },
      (killed) => remaining.map(() => ({ ok: false, ...faultOf(killed) })),
      timeoutMs,
    ).then((answers) => outcomes.map((outcome) => outcome ?? answers.shift()!));
  }

  async checkSchema(schema: JsonSchema | boolean, options: SchemaOptions = {}): Promise<SchemaVerdict> {
    const fault = await this.#run({ op: 'checkSchema', schema: requestOf(schema, options) }, tooComplex);
    return fault === null ? { ok: true } : { ok: false, ...fault };
  }

  validate(schema: JsonSchema | boolean, value: Json, options: SchemaOptions = {}): Awaitable<Verdict> {
    if (options.dialect === 'tool' && options.closed && surelyFits(schema, value)) return { ok: true };
    const request = requestOf(schema, options);
    return this.#run({ op: 'validate', schema: request, value: JSON.stringify(value) }, (killed) => {
      const fault = tooComplex(killed);
      return { ok: false, fault, errors: [{ pointer: '', message: fault.message }] };
    });
  }

  bind({ args, scope, schema }: { args: Json; scope: Scope; schema?: JsonSchema }): Awaitable<BoundArgs> {
    const holes = holesOf(args);
    const expressions = holes.flatMap(expressionsOf);
    const outcomes = outcomesHere(expressions, scope);
    if (outcomes.some((outcome) => outcome === undefined)) {
      const request = schema && requestOf(schema, AS_TOOL);
      const work = { op: 'bind', args: JSON.stringify(args), scope: serializeScope(scope), schema: request } as const;
      return this.#run(work, (killed) => {
        const pointer = holes.find(({ kind }) => kind !== 'fill')?.pointer ?? '';
        return { ok: false, pointer, expression: expressions.join(' | '), ...faultOf(killed) };
      });
    }
    const bound = bindTemplate(args, holes, outcomes as Outcome[]);
    if (!bound.ok) return bound;
    const verdict: Awaitable<Verdict> = schema ? this.validate(schema, bound.args, AS_TOOL) : { ok: true };
    return chain(verdict, (known) => ({ ...bound, verdict: known }));
  }

  /** @param ifKilled the answer when the job was killed; a closed sandbox or a broken child is an error */
  async #run<W extends Work>(
    work: W,
    ifKilled: (killed: JobFailure) => Answers[W['op']],
    timeoutMs = this.shared.timeoutMs,
  ): Promise<Answers[W['op']]> {
    const pool = work.op === 'checkPlan' ? this.shared.checks : this.shared.pool;
    try {
      const answer: unknown = JSON.parse(await pool.run(work, this.tenant, timeoutMs));
      if (!isAnswer(work, answer)) throw new Error(`The sandbox returned an invalid answer to ${work.op}.`);
      return answer as Answers[W['op']];
    } catch (error) {
      if (error instanceof JobFailure && error.why !== 'closed') return ifKilled(error);
      throw error;
    }
  }
}

const faultOf = ({ reason, message }: JobFailure) => ({ message, explanation: reason });

const tooComplex = (error: JobFailure): SchemaFault => ({
  code: 'schema_too_complex',
  pointer: '',
  message: `Checking against the schema ${error.message}.${error.why === 'paused' ? '' : ' Make it simpler.'}`,
});

function requestOf(
  schema: JsonSchema | boolean,
  { dialect = 'draft-07', closed = false }: SchemaOptions,
): SchemaRequest {
  if (typeof schema === 'boolean') return { text: String(schema), dialect, closed };
  let text = texts.get(schema);
  if (text === undefined) {
    text = JSON.stringify(schema);
    texts.set(schema, text);
  }
  return { text, dialect, closed };
}

/** Total length of the texts that this process parses for a step, in UTF-16 units; a child parses longer ones. */
const MAX_PARSED = 256 * 1024;

/** Decides which JSON texts of a scope this process parses for the expressions of a step. */
class ParseBudget {
  readonly #texts = new Set<JsonText>();
  #left = MAX_PARSED;

  constructor(private readonly scope: Scope) {}

  mayRead([root, id]: PlainPath): boolean {
    const steps = this.scope.steps as Readonly<Record<string, { output?: unknown } | undefined>> | undefined;
    const read = root === 'steps' ? steps?.[String(id)]?.output : this.scope[String(root)];
    if (!(read instanceof JsonText) || this.#texts.has(read)) return true;
    if (read.text.length > this.#left) return false;
    this.#left -= read.text.length;
    this.#texts.add(read);
    return true;
  }
}

/** The outcomes of the expressions of a step that this process can evaluate; undefined where a child must. */
function outcomesHere(expressions: readonly string[], scope: Scope): (Outcome | undefined)[] {
  const [budget, parseBudget] = [newEvaluationBudget(), new ParseBudget(scope)];
  return expressions.map((text) => {
    const simple = simpleExpression(text);
    if (!simple?.paths.every((path) => parseBudget.mayRead(path))) return undefined;
    try {
      const value = simple.evaluate(scope, budget);
      return value === undefined ? { ok: true, value: null, missing: true } : { ok: true, value, missing: false };
    } catch (error) {
      if (error instanceof Declined) return undefined;
      throw error;
    }
  });
}

function ofPlainPath(expression: string): Analysis | undefined {
  const path = plainPath(expression);
  if (path === undefined) return undefined;
  const [root, id, member] = path;
  const named = root === 'steps' && typeof id === 'string';
  return {
    ok: true,
    roots: [String(root)],
    steps: named ? [{ id, ...(typeof member === 'string' && { member }) }] : [],
    readsAll: root === 'steps' && !named,
    undefinedNames: [],
    freeNames: [],
    memberPaths: root === 'steps' ? [namesOf(path)] : [],
    nestedRoots: [],
    calledMembers: [],
    operations:
      root === 'steps' ? path.flatMap((part, at) => (typeof part === 'number' ? indexOperation(path, at) : [])) : [],
  };
}

const indexOperation = (path: PlainPath, at: number): Operation => ({
  path: namesOf(path.slice(0, at)),
  kind: 'index',
});
