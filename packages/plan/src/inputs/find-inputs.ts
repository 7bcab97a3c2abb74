import type { Json, JsonSchema, Plan, PlanStep, ToolSpec } from '@errand/contracts';
import { parseContext } from '../analysis/context-pairs.ts';
import { listSites } from '../analysis/plan-analysis.ts';
import { KEYWORDS } from '../sandbox/plain-path.ts';
import { schemaAt } from '../schema/schema-at.ts';
import { expressionsOf, leavesOf } from '../template/template.ts';
import { words } from '../tools/label.ts';
import { argumentsOf } from '../words/arguments.ts';
import { PlanView } from '../words/plan-view.ts';
import { capitalize } from '../words/text.ts';
import { parseTitle } from '../words/title.ts';
import type { BoundValue } from './bind-inputs.ts';
import { schemaOf } from './input-schema.ts';
import { findSpans } from './spans.ts';
import { isAfterKey, PAIR, stringValueOf, tokenize } from './tokens.ts';

/** A value that a plan took from its run. Callers of an action supply another one. */
export type FoundInput = BoundValue & {
  title: string;
  from: 'intent' | 'context' | 'input';
  schema: JsonSchema;
  /** Its uses: steps by id, with the argument in words. */
  usedIn: { stepId: string; argument: string }[];
};

/** The texts and the input with which a run was created. */
export type RunTexts = { intent: string; context: string; input?: { [name: string]: Json } };

/** Maximum number of inputs of a plan. */
const MAX_INPUTS = 50;
const MAX_LETTERS = 1000;
const INPUT = /(?<![\w.`$])(?:\$\$?\.)?input\.([A-Za-z]\w*)/g;

/**
 * The values that a plan took from its run: literals that occur in the intent or the context as whole words, pairs of the context that it
 * reads, and existing inputs.
 */
export function findInputs(plan: Plan, tools: readonly ToolSpec[], run: RunTexts): FoundInput[] {
  const finder = new Finder(plan, tools, run);
  for (const step of plan.steps) finder.step(step);
  if (plan.result !== undefined) finder.template(plan.result, { pointer: '/result' });
  return finder.found.slice(0, MAX_INPUTS);
}

/** A value from the run; `pair`: the key of its context pair. */
type RunValue = { value: string | number; from: 'intent' | 'context'; pair?: string };

/** The place of a value. `args`: the pointer into the arguments; `computed`: within an expression. */
type Occurrence = {
  pointer: string;
  step?: PlanStep;
  tool?: ToolSpec | undefined;
  args?: string | undefined;
  computed?: boolean;
};

class Finder {
  readonly #view: PlanView;
  readonly #run: RunTexts;
  readonly #pairs: ReadonlyMap<string, string>;
  /** The names of inputs that the plan uses already, and those given here. */
  readonly #claimedNames = new Set<string>();
  readonly #byKey = new Map<string, FoundInput>();

  constructor(plan: Plan, tools: readonly ToolSpec[], run: RunTexts) {
    this.#view = new PlanView(plan, tools);
    this.#run = run;
    this.#pairs = new Map([...parseContext(run.context).pairs].reverse());
    for (const { expression } of listSites(plan))
      for (const [, name] of expression.matchAll(INPUT)) this.#claimedNames.add(name!);
  }

  get found(): FoundInput[] {
    return [...this.#byKey.values()];
  }

  step(step: PlanStep): void {
    const tool = this.#view.tool(step);
    const at = { step, tool };
    this.template(step.args, { ...at, pointer: `/${step.id}/args`, args: '' });
    for (const part of [step.when, step.unless, step.forEach, step.pages?.next])
      if (part) this.#expression(part.$, { ...at, pointer: '' });
    if (step.say !== undefined && typeof step.say !== 'string') this.template(step.say, { ...at, pointer: '' });
  }

  template(template: Json, at: Occurrence): void {
    for (const { pointer, hole, value } of leavesOf(template)) {
      const args = at.args === undefined ? undefined : at.args + pointer;
      const here = { ...at, pointer: at.pointer + pointer, args };
      for (const expression of hole ? expressionsOf(hole) : []) this.#expression(expression, here);
      if (typeof value === 'string' || typeof value === 'number') this.#literal(value, here);
    }
  }

  #literal(value: string | number, at: Occurrence): void {
    const from = this.#saidIn(value);
    if (from === undefined) return;
    // Equal numbers may have different meanings; equal words hardly.
    const of = typeof value === 'number' ? (at.args ?? at.pointer).split('/').at(-1) : '';
    const input = this.#note(`${typeof value} ${String(value).trim().toLowerCase()} ${of}`, { value, from }, at);
    if (typeof value === 'number') input.only = [...(input.only ?? []), at.pointer];
  }

  #expression(expression: string, at: Occurrence): void {
    const tokens = tokenize(expression);
    for (const [index, token] of tokens.entries()) {
      if (token.kind === 'text' && !isAfterKey(tokens[index + 1]))
        this.#text(stringValueOf(token), { ...at, computed: true });
      if (token.kind !== 'code') continue;
      for (const [, , quoted, plain] of token.source.matchAll(PAIR)) this.#pair((quoted ?? plain)!, expression, at);
      for (const [, name] of token.source.matchAll(INPUT)) this.#input(name!, at);
    }
  }

  #text(text: string, at: Occurrence): void {
    const from = this.#saidIn(text);
    if (from === undefined) return;
    // The original spelling: an expression may compare in lower case.
    const source = this.#run[from];
    const [span] = findSpans(source, text);
    const value = span ? source.slice(...span) : text;
    this.#note(`string ${text.trim().toLowerCase()} `, { value, from }, at);
  }

  #pair(key: string, expression: string, at: Occurrence): void {
    const text = this.#pairs.get(key);
    if (text === undefined) return;
    const isNumber = /\$number\(/.test(expression) && text.trim() !== '' && Number.isFinite(Number(text));
    const alone = expression.trim().replace(/^\$\$?\./, '') === `pairs.${key}`;
    const value = isNumber ? Number(text) : text;
    this.#note(`pair ${key}`, { value, from: 'context', pair: key }, { ...at, computed: !alone });
  }

  #input(name: string, at: Occurrence): void {
    const { input = {} } = this.#run;
    const value = Object.hasOwn(input, name) ? input[name] : undefined;
    if (typeof value !== 'string' && typeof value !== 'number') return;
    const title = capitalize(words(name));
    this.#add(`input ${name}`, at, () => {
      return { name, title, value, from: 'input', schema: schemaOf(value, { title }), usedIn: [] };
    });
  }

  #note(key: string, { value, from, pair }: RunValue, at: Occurrence): FoundInput {
    return this.#add(key, at, () => {
      const described = this.#describe(at);
      const isSame = ([, text]: [string, string]) => text.toLowerCase() === String(value).toLowerCase();
      const ofPair = pair ?? [...this.#pairs].find(isSame)?.[0];
      const name = claimName(ofPair ?? described.name, this.#claimedNames);
      const title = capitalize(words(ofPair ?? described.name));
      const schema = schemaOf(value, { title, like: described.schema });
      return { name, title, value, from, schema, usedIn: [], ...(pair !== undefined && { pair }) };
    });
  }

  /** Adds an occurrence to the input with this key, and creates the input at its first one. */
  #add(key: string, at: Occurrence, create: () => FoundInput): FoundInput {
    const input = this.#byKey.get(key) ?? create();
    this.#byKey.set(key, input);
    this.#use(input, at);
    return input;
  }

  #use(input: FoundInput, at: Occurrence): void {
    const { step } = at;
    if (step === undefined) return;
    const { label } = this.#describe(at);
    if (!input.usedIn.some(({ stepId, argument }) => stepId === step.id && argument === label))
      input.usedIn.push({ stepId: step.id, argument: label });
  }

  /** The name of an argument, its label, and its schema. */
  #describe({ step, tool, args, computed = false }: Occurrence): {
    name: string;
    label: string;
    schema?: JsonSchema | undefined;
  } {
    if (step === undefined || args === undefined || tool === undefined) return { name: 'value', label: 'a condition' };
    const { noun } = parseTitle(tool);
    const argument = argumentsOf(step.args, noun).find(
      ({ pointer }) => pointer === args || args.startsWith(`${pointer}/`),
    );
    const label = argument?.label ?? words(args.replaceAll('/', ' '));
    // The value in an expression is not the argument itself.
    if (computed) return { name: 'value', label };
    const last = argument?.last ?? 'value';
    const plain = /^(?:id|name|title|q|query|search|value|text|type|key|code|number)$/.test(last);
    const schema = schemaAt(tool.inputSchema, args);
    return { name: plain && noun !== '' ? `${noun} ${last}` : last, label, schema };
  }

  #saidIn(value: string | number): 'intent' | 'context' | undefined {
    if (typeof value === 'string' && value.length > MAX_LETTERS) return undefined;
    if (findSpans(this.#run.intent, value).length > 0) return 'intent';
    return findSpans(this.#run.context, value).length > 0 ? 'context' : undefined;
  }
}

/** Words with another meaning where an expression reads `input.<name>`. */
const RESERVED = new Set([...Object.getOwnPropertyNames(Object.prototype), ...KEYWORDS]);

/** Claims a free name made from some words: "deal owner" is `dealOwner`, the second one `dealOwner2`. */
function claimName(text: string, claimedNames: Set<string>): string {
  const [first = '', ...others] = text.normalize('NFKD').match(/[A-Za-z0-9]+/g) ?? [];
  const camel = [first.charAt(0).toLowerCase() + first.slice(1), ...others.map(capitalize)].join('').slice(0, 40);
  const base = /^[A-Za-z]/.test(camel) && !RESERVED.has(camel) ? camel : `value${camel}`;
  let name = base;
  for (let n = 2; claimedNames.has(name); n++) name = `${base}${n}`;
  claimedNames.add(name);
  return name;
}
