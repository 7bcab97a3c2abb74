// Entry of a process that may be killed at any moment. It runs text that strangers wrote, so before it reads any of it
// it locks the prototypes that one job could change for the next.
import { serveParent } from '@errand/basics/child/serve-parent';
import type { Json } from '@errand/contracts';
import { valuesOf } from '../execute/hole-values.ts';
import { expressionsOf, fillHoles, holesOf } from '../execute/template.ts';
import { checkSchema, validate } from '../schema/schema.ts';
import { limitConcat } from './builtin-limits.ts';
import { analyse, evaluate, type Outcome } from './expression.ts';
import { lockDown } from './lockdown.ts';
import { MAX_STEP_OUTPUT } from './plain-json.ts';
import { type Bound, type Reply, type Work, workOf } from './protocol.ts';

async function answer(work: Work, timeoutMs: number): Promise<unknown> {
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
  }
}

/** `items[]` marks the list that it is used on, so after such an expression the scope is read again. */
async function evaluateAll(expressions: readonly string[], text: string, timeoutMs: number): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const room = { left: MAX_STEP_OUTPUT };
  let scope: { now?: unknown } | undefined;
  for (const expression of expressions) {
    scope ??= JSON.parse(text) as { now?: unknown };
    outcomes.push(await evaluate(expression, scope, timeoutMs, room));
    if (expression.includes('[]')) scope = undefined;
  }
  return outcomes;
}

async function bind(work: Work & { op: 'bind' }, timeoutMs: number): Promise<Bound> {
  const template = JSON.parse(work.args) as Json;
  const holes = holesOf(template);
  const outcomes = await evaluateAll(holes.flatMap(expressionsOf), work.scope, timeoutMs);
  const found = valuesOf(holes, outcomes);
  if (!found.ok) return found;
  const args = fillHoles(template, (hole) => found.values.get(hole.pointer)) ?? null;
  return { ok: true, args, missing: found.missing, verdict: work.schema ? validate(work.schema, args) : { ok: true } };
}

async function reply(texts: readonly string[]): Promise<Reply> {
  try {
    const { work, timeoutMs } = workOf(texts);
    return ['answer', JSON.stringify(await answer(work, timeoutMs))];
  } catch (error) {
    return ['failed', error instanceof Error ? error.message : String(error)];
  }
}

lockDown();
limitConcat();
serveParent(reply as (texts: readonly string[]) => Promise<readonly string[]>);
