import type { Json, JsonSchema } from '@errand/contracts';
import { LRUCache } from 'lru-cache';
import { surelyFits } from '../schema/plain-schema.ts';
import type { SchemaRequest, Verdict } from '../schema/schema.ts';
import type { Dialect, SchemaFault } from '../schema/schema-policy.ts';
import { bindHoles, type Outcome } from '../template/hole-values.ts';
import { JsonText, scopeText } from '../template/json-text.ts';
import { expressionsOf, holesOf } from '../template/template.ts';
import { isAnswer } from './answer-shape.ts';
import type { Analysis } from './expression/expression.ts';
import type { Use } from './expression/uses.ts';
import { JobKilled } from './job-killed.ts';
import { type PlainPath, plainPath, valueAt } from './plain-path.ts';
import { Pool } from './pool.ts';
import type { Answers, Bound, Work } from './protocol.ts';

export type SandboxOptions = {
  /** Maximum number of child processes. Default 2; untrusted text may grow the heap of each to 128 MiB. */
  children?: number;
  /** Elapsed time of one job, in ms. Default 1000. */
  timeoutMs?: number;
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
  analyse(expressions: readonly string[]): Promise<Analysis[]>;
  /**
   * Evaluates expressions of one step against one scope, in one hop. No value at all is null with `missing: true`. A fault is in its
   * outcome; only a closed sandbox rejects.
   */
  evaluate(
    batch: readonly { expression: string }[],
    scope: Scope,
    options?: { timeoutMs?: number },
  ): Promise<Outcome[]>;
  /** Whether a schema may be used: limits, keywords, patterns, and that validation ends. */
  checkSchema(schema: JsonSchema | boolean, options?: SchemaOptions): Promise<SchemaVerdict>;
  /** Validates a value, without a hop when it surely fits. `fault`: the schema itself cannot be used. */
  validate(schema: JsonSchema | boolean, value: Json, options?: SchemaOptions): Promise<Verdict>;
  /**
   * Replaces the bindings of arguments and, with `schema`, validates the outcome as a tool's arguments, in one hop. Members of bindings
   * without a value are left out and listed in `missing`.
   */
  bind(request: { args: Json; scope: Scope; schema?: JsonSchema }): Promise<Bound>;
  close(): Promise<void>;
}

/** Its processes start on first use and do not keep this process alive. */
export function createSandbox(options: SandboxOptions = {}): Sandbox {
  const { children = 2, timeoutMs = 1000 } = options;
  const pool = new Pool({ children, heapMb: 128, stackMb: 4 });
  return new TenantSandbox(
    pool,
    timeoutMs,
    new LRUCache({ max: 5000, maxSize: 2_000_000, sizeCalculation: (_, key) => key.length + 1 }),
    '',
  );
}

export const AS_TOOL = { dialect: 'tool', closed: true } as const;

/** Schema objects are the same from call to call, so each is serialized once. */
const texts = new WeakMap<object, string>();

class TenantSandbox implements Sandbox {
  readonly #pool: Pool;
  readonly #timeoutMs: number;
  readonly #analyses: LRUCache<string, Analysis>;
  readonly #tenant: string;

  constructor(pool: Pool, timeoutMs: number, analyses: LRUCache<string, Analysis>, tenant: string) {
    this.#pool = pool;
    this.#timeoutMs = timeoutMs;
    this.#analyses = analyses;
    this.#tenant = tenant;
  }

  for(tenant: string): Sandbox {
    return new TenantSandbox(this.#pool, this.#timeoutMs, this.#analyses, tenant);
  }

  close(): Promise<void> {
    return this.#pool.close();
  }

  async analyse(expressions: readonly string[]): Promise<Analysis[]> {
    const analyses = new Map<string, Analysis>();
    for (const expression of expressions) {
      const analysis = this.#analyses.get(expression) ?? ofPlainPath(expression);
      if (analysis !== undefined) analyses.set(expression, analysis);
    }
    const unknown = [...new Set(expressions.filter((expression) => !analyses.has(expression)))];
    if (unknown.length > 0) {
      const answers = await this.#analyse(unknown);
      for (const [index, expression] of unknown.entries()) analyses.set(expression, answers[index]!);
    }
    return expressions.map((expression) => analyses.get(expression)!);
  }

  async #analyse(expressions: readonly string[]): Promise<Analysis[]> {
    try {
      const answers = await this.#run({ op: 'analyse', expressions });
      for (const [index, expression] of expressions.entries()) this.#analyses.set(expression, answers[index]!);
      return answers;
    } catch (error) {
      const { message } = killed(error);
      return expressions.map(() => ({ ok: false, message }));
    }
  }

  async evaluate(
    batch: readonly { expression: string }[],
    scope: Scope,
    options: { timeoutMs?: number } = {},
  ): Promise<Outcome[]> {
    const here = batch.map(({ expression }) => plainOutcome(expression, scope));
    const unsolved = batch.filter((_, index) => here[index] === undefined).map(({ expression }) => expression);
    if (unsolved.length === 0) return here as Outcome[];
    const answers = await this.#evaluate(unsolved, scope, options.timeoutMs);
    return here.map((outcome) => outcome ?? answers.shift()!);
  }

  async #evaluate(expressions: string[], scope: Scope, timeoutMs?: number): Promise<Outcome[]> {
    try {
      return await this.#run({ op: 'evaluate', expressions, scope: scopeText(scope) }, timeoutMs);
    } catch (error) {
      const fault = faultOf(killed(error));
      return expressions.map(() => ({ ok: false, ...fault }));
    }
  }

  async checkSchema(schema: JsonSchema | boolean, options: SchemaOptions = {}): Promise<SchemaVerdict> {
    try {
      const fault = await this.#run({ op: 'checkSchema', schema: requestOf(schema, options) });
      return fault === null ? { ok: true } : { ok: false, ...fault };
    } catch (error) {
      return { ok: false, ...tooComplex(killed(error)) };
    }
  }

  async validate(schema: JsonSchema | boolean, value: Json, options: SchemaOptions = {}): Promise<Verdict> {
    if (options.dialect === 'tool' && options.closed && surelyFits(schema, value)) return { ok: true };
    try {
      return await this.#run({ op: 'validate', schema: requestOf(schema, options), value: JSON.stringify(value) });
    } catch (error) {
      return failedVerdict(killed(error));
    }
  }

  async bind({ args, scope, schema }: { args: Json; scope: Scope; schema?: JsonSchema }): Promise<Bound> {
    const holes = holesOf(args);
    const outcomes = holes.flatMap(expressionsOf).map((expression) => plainOutcome(expression, scope));
    if (outcomes.some((outcome) => outcome === undefined)) {
      const request = schema && requestOf(schema, AS_TOOL);
      return await this.#bind({ op: 'bind', args: JSON.stringify(args), scope: scopeText(scope), schema: request });
    }
    const bound = bindHoles(args, holes, outcomes as Outcome[]);
    if (!bound.ok) return bound;
    const verdict: Verdict = schema ? await this.validate(schema, bound.args, AS_TOOL) : { ok: true };
    return { ...bound, verdict };
  }

  async #bind(work: Work & { op: 'bind' }): Promise<Bound> {
    try {
      return await this.#run(work);
    } catch (error) {
      const holes = holesOf(JSON.parse(work.args) as Json).filter((hole) => hole.kind !== 'fill');
      const expression = holes.flatMap(expressionsOf).join(' | ');
      return { ok: false, pointer: holes[0]?.pointer ?? '', expression, ...faultOf(killed(error)) };
    }
  }

  async #run<W extends Work>(work: W, timeoutMs = this.#timeoutMs): Promise<Answers[W['op']]> {
    const answer: unknown = JSON.parse(await this.#pool.run(work, this.#tenant, timeoutMs));
    if (!isAnswer(work, answer)) throw new Error(`The sandbox returned an invalid answer to ${work.op}.`);
    return answer as Answers[W['op']];
  }
}

/** A killed job is an answer; a closed sandbox or a broken child is an error. */
function killed(error: unknown): JobKilled {
  if (error instanceof JobKilled && error.why !== 'closed') return error;
  throw error;
}

const faultOf = ({ reason, message }: JobKilled) => ({ message, why: reason });

const tooComplex = (error: JobKilled): SchemaFault => ({
  code: 'schema_too_complex',
  pointer: '',
  message: `Checking against the schema ${error.message}.${error.why === 'paused' ? '' : ' Make it simpler.'}`,
});

function failedVerdict(error: JobKilled): Verdict {
  const fault = tooComplex(error);
  return { ok: false, fault, errors: [{ pointer: '', message: fault.message }] };
}

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

/** Longest text that is parsed in this process, in UTF-16 units; a child parses longer ones. */
const LONGEST = 64 * 1024;

function isLong([root, id]: PlainPath, scope: Scope): boolean {
  const steps = scope.steps as Readonly<Record<string, { output?: unknown } | undefined>> | undefined;
  const read = root === 'steps' ? steps?.[String(id)]?.output : scope[String(root)];
  return read instanceof JsonText && read.text.length > LONGEST;
}

/** The outcome of a path that needs no hop; undefined when JSONata must evaluate it. */
function plainOutcome(expression: string, scope: Scope): Outcome | undefined {
  const path = plainPath(expression);
  const at = path && !isLong(path, scope) ? valueAt(path, scope) : undefined;
  if (at === undefined) return undefined;
  return at.found ? { ok: true, value: at.value, missing: false } : { ok: true, value: null, missing: true };
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
    whole: root === 'steps' && !named,
    unknown: [],
    functions: [],
    members: root === 'steps' ? [path.filter((part) => typeof part === 'string')] : [],
    inner: [],
    called: [],
    uses: root === 'steps' ? path.flatMap((part, at) => (typeof part === 'number' ? indexOf(path, at) : [])) : [],
  };
}

const indexOf = (path: PlainPath, at: number): Use[] => [
  { path: path.slice(0, at).filter((part) => typeof part === 'string'), by: 'index' },
];
