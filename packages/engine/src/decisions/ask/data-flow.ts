import { isRecord } from '@errand/basics/is-record';
import { BUILTIN, type Json, type Plan, type PlanStep, type ToolSpec } from '@errand/contracts';
import { addressesIn, type Doubt, type Flow, type Flows, isIdForm, isMoment, isOfTool, Told } from '@errand/plan';
import { doubtsAbout } from './standing-doubts.ts';

/** Characters of answers that a run may send to other integrations by the reads that its later plans add, before a person is asked. */
const MAX_CARRIED = 200;
/** Values of one call that are looked at. */
const MAX_VALUES = 500;
/** Texts that are compared with answers: shorter ones are in any answer, longer ones are prose. */
const COMPARED = { least: 3, most: 200 };
/** Last words of the names of arguments that take text for people, and of those that take a place to go to. */
const PROSE = /(?:text|body|message|content|description|notes?|comment|subject|title|summary|html|markdown|reason)$/i;
const PLACE = /(?:url|uri|link|href|host|hostname|domain|site|website|endpoint|callback|webhook|target|server|src)$/i;
const BARE_HOST = /^(?:\/\/)?[\w-]+(?:\.[\w-]+)+(?:[:/?#].*)?$/s;

export type DataFlowDeps = {
  plan: Plan;
  /** Doubts that the planner of the plan repeated. */
  doubts: readonly Doubt[];
  /** What people said. */
  told: readonly string[];
  flows: Promise<Flows>;
  /** Set when answers were read before the plan was made. `isNew`: whether a step was not in the plan made before anything was read. */
  later?: { isNew: (step: PlanStep) => boolean; carried: number } | undefined;
  /** Integrations that the run has read from. */
  readFrom: ReadonlySet<string>;
  /** Where values stand in answers: as members of their own, or within longer texts. */
  find: (values: readonly string[]) => Promise<ReadonlyMap<string, 'member' | 'within'>>;
};
/** A value of a call: its JSON pointer, and what the plan writes in its place. */
type Value = { pointer: string; value: string | number; flow: Flow | undefined };
type Call = { step: PlanStep; tool: ToolSpec; args: Json };
/** `why`: reasons to ask a person, in words. `foreign`: whether the call holds answers of other integrations. */
export type Judgement = { why: string[]; foreign: boolean };

/** Judges by the values of a call whether it may carry answers of services where nobody meant them to go. */
export class DataFlow {
  readonly #deps: DataFlowDeps;
  readonly #told: Told;
  readonly #integrations: ReadonlyMap<string, string>;
  /** Values that reads of later plans have taken to other integrations. */
  readonly #carried = new Set<string>();

  constructor(deps: DataFlowDeps) {
    this.#deps = deps;
    this.#told = new Told(deps.told);
    this.#integrations = new Map(deps.plan.steps.map(({ id, tool }) => [id, tool.slice(0, tool.indexOf('.'))]));
  }

  /** Characters that reads of later plans have taken to other integrations, in this plan and those before. */
  get carried(): number {
    return [...this.#carried].reduce((sum, { length }) => sum + length, this.#deps.later?.carried ?? 0);
  }

  async judge(call: Call): Promise<Judgement> {
    const { plan, doubts } = this.#deps;
    const flows = await this.#deps.flows;
    const { why, foreign } = await this.#judge(call, flows);
    return { why: [...new Set([...doubtsAbout({ plan, doubts, flows }, call.step, call.tool), ...why])], foreign };
  }

  async #judge({ step, tool, args }: Call, all: Flows): Promise<Judgement> {
    const isNew = this.#deps.later?.isNew(step) ?? false;
    const flows = all.args.get(step.id) ?? new Map<string, Flow>();
    const values = valuesOf(args, flows);
    if (values.length > MAX_VALUES && isNew)
      return { why: ['It holds more values than can be looked at.'], foreign: true };
    const unsaid = values.slice(0, MAX_VALUES).filter((one) => !this.#isSaid(one, tool));
    const looked = unsaid.filter(({ flow }) => isNew || flow?.kind === 'fill');
    const foreign = unsaid.filter((value) => this.#isForeign(value, tool, isNew));
    if (looked.length === 0) return { why: [], foreign: foreign.length > 0 };
    const found = await this.#deps.find(looked.map(({ value }) => String(value)));
    const why = [
      ...looked.flatMap((value) => this.#addressOf(value, tool, found.get(String(value.value)))),
      ...(isNew && tool.effect === 'write'
        ? looked.flatMap((value) => this.#picked(value, found.get(String(value.value))))
        : []),
      ...(tool.effect === 'read'
        ? this.#carries(
            foreign.filter((value) => looked.includes(value)),
            found,
          )
        : []),
    ];
    return { why, foreign: foreign.length > 0 };
  }

  #isSaid({ pointer, value }: Value, tool: ToolSpec): boolean {
    if (typeof value === 'number' ? this.#told.saysExactly(value) || Math.abs(value) <= 1 : this.#told.says(value))
      return true;
    return isOfTool({ pointer, value }, tool, '');
  }

  /** Whether a value may come from another integration: by its expression, or because its planner had read there. */
  #isForeign({ value, flow }: Value, tool: ToolSpec, isNew: boolean): boolean {
    const own = [tool.customerIntegrationId, BUILTIN];
    const from = flow?.steps.map((id) => this.#integrations.get(id)!) ?? [];
    if (from.some((id) => !own.includes(id))) return true;
    // What is computed from nothing that was read is a literal of its planner, but for moments.
    if (from.length > 0 || !isNew || isMoment(String(value))) return false;
    return [...this.#deps.readFrom].some((id) => !own.includes(id));
  }

  /** An address that nobody named: a read takes no URL of it, and elsewhere it is a value of its own in an answer. */
  #addressOf({ pointer, value }: Value, tool: ToolSpec, at: 'member' | 'within' | undefined): string[] {
    const text = String(value);
    if (tool.effect === 'write' && PROSE.test(pointer)) return [];
    const places = PLACE.test(pointer) && BARE_HOST.test(text) ? [`http://${text.replace(/^\/\//, '')}`] : [];
    const unnamed = [...addressesIn(text), ...places].filter((address) => !this.#told.saysAddress(address));
    const asked = unnamed.find((address) => {
      if (address.includes('://') && tool.effect === 'read') return true;
      return at !== 'member' || (address !== text && places.length === 0);
    });
    return asked === undefined ? [] : [unnamedText(asked)];
  }

  /** A name or id that an expression or a model picked out of a longer text, or put together. */
  #picked({ pointer, value, flow }: Value, at: 'member' | 'within' | undefined): string[] {
    if (typeof value !== 'string' || flow === undefined || at === 'member' || PROSE.test(pointer)) return [];
    if (value.length < COMPARED.least || value.length > COMPARED.most || isMoment(value)) return [];
    return at === 'within' || isIdForm(value) ? [unnamedText(value)] : [];
  }

  /** What a read takes to another integration: single values of answers, up to a bound for the whole run. */
  #carries(foreign: readonly Value[], found: ReadonlyMap<string, 'member' | 'within'>): string[] {
    const derived = foreign.find(
      ({ value, flow }) => flow && flow.kind !== 'fill' && found.get(String(value)) !== 'member',
    );
    for (const { value } of foreign) this.#carried.add(String(value));
    if (derived)
      return [`It takes ${quote(String(derived.value))} there, which is made from what another service answered.`];
    if (this.carried <= MAX_CARRIED) return [];
    return [`With it the run takes ${this.carried} characters of what other services answered there.`];
  }
}

const unnamedText = (value: string): string =>
  `Nobody named ${quote(value)}, and no answer has it as a value of its own.`;

const quote = (text: string): string =>
  JSON.stringify(text.length > 80 ? `${text.slice(0, 79).toWellFormed()}…` : text);

/** The texts and numbers of arguments; the names of members where an expression made them. */
function valuesOf(args: Json, flows: ReadonlyMap<string, Flow>): Value[] {
  const found: Value[] = [];
  const visit = (value: Json, pointer: string, above: Flow | undefined): void => {
    const flow = above ?? flows.get(pointer);
    if (found.length > MAX_VALUES) return;
    if (typeof value === 'string' || typeof value === 'number') found.push({ pointer, value, flow });
    else if (Array.isArray(value))
      for (const [index, item] of value.entries()) visit(item, `${pointer}/${index}`, flow);
    else if (isRecord(value))
      for (const [key, member] of Object.entries(value)) {
        if (flow) found.push({ pointer, value: key, flow });
        visit(member as Json, `${pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`, flow);
      }
  };
  visit(args, '', undefined);
  return found;
}
