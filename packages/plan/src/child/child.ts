// Entry of a process that may be killed at any moment. It runs untrusted text, so it first locks the prototypes that one job could change
// for the next.

import { textsOf } from '@errand/basics/child/frame';
import { serveParent } from '@errand/basics/child/serve-parent';
import type { Json } from '@errand/contracts';
import { limitConcat } from '../sandbox/expression/builtin-limits.ts';
import { analyse, evaluate } from '../sandbox/expression/expression.ts';
import { MAX_STEP_OUTPUT } from '../sandbox/expression/plain-json.ts';
import { type BoundArgs, decodeWork, type Reply, type Work } from '../sandbox/protocol.ts';
import { checkSchema, validate } from '../schema/schema.ts';
import { bindTemplate, type Outcome } from '../template/hole-values.ts';
import { expressionsOf, holesOf } from '../template/template.ts';

/**
 * Fixes the prototypes that every value inherits from, so that no job can affect the next one. An assignment could not override a frozen
 * member (`list.push = …`, a key named "constructor"), so members become accessors. Their setter defines an own member: the usual override,
 * without touching the prototype.
 */
function lockDown(): void {
  Reflect.deleteProperty(Object.prototype, '__proto__');
  for (const prototype of [Object.prototype, Array.prototype, Function.prototype, Error.prototype]) {
    for (const [key, described] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
      if (described.configurable !== true || !('value' in described)) continue;
      const inherited: unknown = described.value;
      Object.defineProperty(prototype, key, {
        configurable: false,
        get: () => inherited,
        set(this: object, value: unknown) {
          if (this === prototype) throw new TypeError(`${key} may not be replaced.`);
          Object.defineProperty(this, key, { value, writable: true, enumerable: true, configurable: true });
        },
      });
    }
    Object.freeze(prototype);
  }
}

/** The time of the expressions and schemas within the check of a plan, in ms. */
const EXPRESSION_MS = 1000;

async function perform(work: Work, timeoutMs: number): Promise<unknown> {
  switch (work.op) {
    case 'analyse':
      return work.expressions.map((expression) => analyse(expression, timeoutMs));
    case 'evaluate':
      return await evaluateAll(work.expressions, work.scope, timeoutMs);
    case 'checkSchema':
      return checkSchema(work.schema);
    case 'validate':
      return validate(work.schema, JSON.parse(work.value));
    case 'bind':
      return await bind(work, timeoutMs);
    case 'checkPlan':
      // Loaded on first use: most processes never check a plan.
      return await (await import('../check/check-job.ts')).performCheck(work, perform, EXPRESSION_MS);
  }
}

/** `items[]` marks its list, so the scope is parsed again after such an expression. */
async function evaluateAll(expressions: readonly string[], text: string, timeoutMs: number): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const remaining = { left: MAX_STEP_OUTPUT };
  let scope: { now?: unknown } | undefined;
  for (const expression of expressions) {
    scope ??= JSON.parse(text) as { now?: unknown };
    outcomes.push(await evaluate(expression, scope, timeoutMs, remaining));
    if (expression.includes('[]')) scope = undefined;
  }
  return outcomes;
}

async function bind(work: Work & { op: 'bind' }, timeoutMs: number): Promise<BoundArgs> {
  const template = JSON.parse(work.args) as Json;
  const holes = holesOf(template);
  const outcomes = await evaluateAll(holes.flatMap(expressionsOf), work.scope, timeoutMs);
  const bound = bindTemplate(template, holes, outcomes);
  if (!bound.ok) return bound;
  return { ...bound, verdict: work.schema ? validate(work.schema, bound.args) : { ok: true } };
}

async function reply(parts: readonly Buffer[]): Promise<Reply> {
  try {
    const { work, timeoutMs } = decodeWork(textsOf(parts));
    return ['answer', JSON.stringify(await perform(work, timeoutMs))];
  } catch (error) {
    return ['failed', error instanceof Error ? error.message : String(error)];
  }
}

lockDown();
limitConcat();
serveParent(reply as (parts: readonly Buffer[]) => Promise<readonly string[]>);
