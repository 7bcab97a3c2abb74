import { type Awaitable, chain } from '@errand/basics/awaitable';
import { sha256 } from '@errand/basics/sha256';
import { BUILTIN_INTEGRATION_ID, type Json, type Plan, type PlanStep, type ToolSpec } from '@errand/contracts';
import {
  addressesIn,
  type Doubt,
  type Flow,
  type Flows,
  isIdForm,
  isMoment,
  isNamedByTool,
  UserTexts,
} from '@errand/plan';
import { doubtsAbout } from './repeated-doubts.ts';

/** How much of an answer reads of later plans may send to other integrations in a run without asking a person. */
const MAX_CARRIED = { letters: 200, values: 3 };
/** Digits of a number that may be computed, such as an offset. */
const SHORT = 6;
/** Maximum values of one call that are checked. */
const MAX_VALUES = 500;
/** Lengths of texts that are compared with answers: shorter ones occur in any answer, longer ones are prose. */
const COMPARED = { least: 3, most: 200 };
/** Last words of the names of arguments that contain prose, and of those that contain a location. */
const PROSE = /(?:text|body|message|content|description|notes?|comment|subject|title|summary|html|markdown|reason)$/i;
const LOCATION =
  /(?:url|uri|link|href|host|hostname|domain|site|website|endpoint|callback|webhook|target|server|src)$/i;
/** Names of arguments that identify the recipient or target of a write. */
const RECIPIENT =
  /(?:[/_-](?:to|cc|bcc|ids?)|[a-z]Ids?|(?:recipient|assignee|owner|user(?:name)?|login|channel|room|phone|mobile|email|account|iban|attendee|member|invitee|guest|reviewer|approver|follower|watcher|participant)s?)(?:\/\d+)?$/;
/** Words by which services name the user or the user's first item, and single letters. */
const OF_THE_USER = /^(?:me|self|primary|default|.)$/;
const BARE_HOST = /^(?:\/\/)?[\p{L}\p{N}_-]+(?:\.[\p{L}\p{N}_-]+)*\.\p{L}{2,}(?:[:/?#].*)?$/su;

export type DataFlowDeps = {
  plan: Plan;
  /** Doubts that the planner of the plan repeated. */
  doubts: readonly Doubt[];
  userTexts: readonly string[];
  flows: Promise<Flows>;
  /** Set if answers were read before planning. `isNew`: whether the plan made before any read lacks the step. */
  later?: { isNew: (step: PlanStep) => boolean; carried: Carried } | undefined;
  readFrom: ReadonlySet<string>;
  /** Finds values in answers: as whole members, or within longer texts. */
  find: (values: readonly string[]) => Promise<ValuePlaces>;
};
type ValuePlaces = ReadonlyMap<string, 'member' | 'within'>;
type Occurrence = 'member' | 'within' | undefined;
/** A value of a call: its JSON pointer, and its origin if the plan computes it. */
type Value = { pointer: string; value: string | number; flow: Flow | undefined };
type ReadValues = {
  step: PlanStep;
  foreign: readonly Value[];
  occurrences: ValuePlaces;
  /** Whether other answers decide the number of items, and which choices and conditions they decide. */
  decided: { isListed: boolean; by: readonly string[] };
};
/**
 * The values of a call. `unmentioned`: no person named them. `toCheck`: those that are compared with answers. `mentioned`: values from
 * answers of other integrations that a person named.
 */
type SortedValues = {
  unmentioned: readonly Value[];
  toCheck: readonly Value[];
  mentioned: readonly Value[];
  isNew: boolean;
};
type Call = { step: PlanStep; tool: ToolSpec; args: Json };
/** Values sent to other integrations: the length of each by its hash. */
export type Carried = { [hash: string]: number };
/** `reasons`: to ask a person. `isForeign`: whether the call contains answers of other integrations. */
export type FlowVerdict = { reasons: string[]; isForeign: boolean };

/** Decides by the values of a call whether a person must approve it, because it may leak answers. */
export class DataFlow {
  readonly #userTexts: UserTexts;
  readonly #integrations: ReadonlyMap<string, string>;
  /** Values that reads of later plans have sent to other integrations, in this plan and earlier ones. */
  readonly carried: Carried;
  #flows: Awaitable<Flows>;

  constructor(private readonly deps: DataFlowDeps) {
    this.#flows = deps.flows;
    deps.flows.then(
      (flows) => {
        this.#flows = flows;
      },
      () => {}, // The failure is reported where the promise is awaited.
    );
    this.#userTexts = new UserTexts(deps.userTexts);
    this.#integrations = new Map(deps.plan.steps.map(({ id, tool }) => [id, tool.slice(0, tool.indexOf('.'))]));
    this.carried = { ...deps.later?.carried };
  }

  judge(call: Call): Awaitable<FlowVerdict> {
    const { plan, doubts } = this.deps;
    return chain(this.#flows, (flows) =>
      chain(this.#judge(call, flows), ({ reasons, isForeign }) => {
        const allReasons = new Set([...doubtsAbout({ plan, doubts, flows }, call.step, call.tool), ...reasons]);
        return { reasons: [...allReasons], isForeign };
      }),
    );
  }

  #judge({ step, tool, args }: Call, all: Flows): Awaitable<FlowVerdict> {
    const isNew = this.deps.later?.isNew(step) ?? false;
    const flows = all.args.get(step.id) ?? new Map<string, Flow>();
    const values = valuesOf(args, flows);
    if (values.length > MAX_VALUES && isNew)
      return { reasons: ['It holds more values than can be looked at.'], isForeign: true };
    const unmentioned = values.slice(0, MAX_VALUES).filter((flowValue) => !this.#isMentioned(flowValue, tool));
    const toCheck = unmentioned.filter(({ flow }) => isNew || flow?.kind === 'fill');
    const mentioned =
      isNew && tool.effect === 'read'
        ? values.filter((flowValue) => !unmentioned.includes(flowValue) && this.#isElsewhere(flowValue.flow, tool))
        : [];
    const finding: Awaitable<ValuePlaces> =
      toCheck.length === 0 ? new Map() : this.deps.find(toCheck.map(({ value }) => String(value)));
    const sorted = { unmentioned, toCheck, mentioned, isNew };
    return chain(finding, (occurrences) => this.#verdict({ step, tool }, all, sorted, occurrences));
  }

  #verdict(
    { step, tool }: Pick<Call, 'step' | 'tool'>,
    all: Flows,
    { unmentioned, toCheck, mentioned, isNew }: SortedValues,
    occurrences: ValuePlaces,
  ): FlowVerdict {
    const isNewRead = isNew && tool.effect === 'read';
    const at = ({ value }: Value) => occurrences.get(String(value));
    const foreign = unmentioned.filter((value) => this.#isForeign(value, tool, { isNew, at: at(value) }));
    const reasons = toCheck.flatMap((value) => [
      ...this.#unnamedAddress(value, tool, at(value)),
      ...(isNew && tool.effect === 'write' ? this.#unfoundValue(value, at(value)) : []),
    ]);
    if (isNewRead) {
      if (all.nextReadsOutsidePage(step.id))
        reasons.push('Its next pages are requested with values from outside the page.');
      const decided = this.#decisions({ step, tool }, mentioned, all);
      reasons.push(...this.#sentDoubts({ step, foreign, occurrences, decided }));
    }
    if (!isNew && tool.effect === 'read') reasons.push(...longTextOf(toCheck, foreign));
    return {
      reasons,
      isForeign: foreign.length > 0 || (all.nextReadsOutsidePage(step.id) && this.#hasReadElsewhere(tool)),
    };
  }

  /** How answers of other integrations decide about a step. @param mentioned values from such answers that a person named */
  #decisions(
    { step, tool }: Pick<Call, 'step' | 'tool'>,
    mentioned: readonly Value[],
    all: Flows,
  ): ReadValues['decided'] {
    // A member of an answer that a person named is no choice.
    const choices = mentioned.filter(({ value, flow }) => !flow!.isPath || !this.#userTexts.includes(String(value)));
    const { condition, list } = all.decidedBy(step.id);
    const isConditional = this.#isElsewhere({ steps: condition }, tool);
    return {
      isListed: this.#isElsewhere({ steps: list }, tool),
      by: [...choices.map(({ pointer }) => `${step.id}${pointer}`), ...(isConditional ? [`${step.id}?`] : [])],
    };
  }

  #isMentioned({ pointer, value }: Value, tool: ToolSpec): boolean {
    if (typeof value === 'number' && Math.abs(value) <= 1) return true;
    const texts = this.#userTexts;
    const isNamed = typeof value === 'number' ? texts.includesExactly(value) : texts.includes(value);
    return isNamed || isNamedByTool({ pointer, value }, tool, '');
  }

  /**
   * Whether a value may come from another integration: its expression reads there, or the planner had read there before.
   * @param of whether the step is new, and where an answer has the value
   */
  #isForeign({ value, flow }: Value, tool: ToolSpec, { isNew, at }: { isNew: boolean; at: Occurrence }): boolean {
    if (this.#isElsewhere(flow, tool)) return true;
    // A point in time, or a whole value of an answer of the same integration, is no literal of the planner.
    if (!isNew || isMoment(String(value)) || (flow && flow.steps.length > 0 && at === 'member')) return false;
    return this.#hasReadElsewhere(tool);
  }

  /** Whether any of the source steps calls another integration. */
  #isElsewhere(flow: Pick<Flow, 'steps'> | undefined, { customerIntegrationId }: ToolSpec): boolean {
    const sameIntegrations = [customerIntegrationId, BUILTIN_INTEGRATION_ID];
    return flow?.steps.some((id) => !sameIntegrations.includes(this.#integrations.get(id)!)) ?? false;
  }

  #hasReadElsewhere({ customerIntegrationId }: ToolSpec): boolean {
    return [...this.deps.readFrom].some((id) => id !== customerIntegrationId);
  }

  /** Reports an address that no person named: any URL in a read, otherwise an address that is no whole member of an answer. */
  #unnamedAddress({ pointer, value }: Value, tool: ToolSpec, at: Occurrence): string[] {
    const text = String(value);
    if (tool.effect === 'write' && PROSE.test(pointer)) return [];
    const isLocation = LOCATION.test(pointer) || (tool.effect === 'read' && at !== 'member');
    const hosts = isLocation && BARE_HOST.test(text) ? [`http://${text.replace(/^\/\//, '')}`] : [];
    const unnamed = [...addressesIn(text), ...hosts].filter((address) => !this.#userTexts.includesAddress(address));
    const doubtful = unnamed.find((address) => {
      if (address.includes('://') && tool.effect === 'read') return true;
      return at !== 'member' || (address !== text && hosts.length === 0);
    });
    return doubtful === undefined ? [] : [unnamedText(doubtful)];
  }

  /** A recipient that no answer has, or a name or id that was cut from a longer text or composed. */
  #unfoundValue({ pointer, value, flow }: Value, at: Occurrence): string[] {
    if (at === 'member' || PROSE.test(pointer) || isMoment(String(value))) return [];
    if (RECIPIENT.test(pointer) && !OF_THE_USER.test(String(value))) return [unnamedText(String(value))];
    if (typeof value !== 'string' || flow === undefined) return [];
    if (value.length < COMPARED.least || value.length > COMPARED.most) return [];
    return at === 'within' || isIdForm(value) ? [unnamedText(value)] : [];
  }

  /** Limits the data that reads send to another integration: a few single values of answers per run, and no list. A decision counts as a value. */
  #sentDoubts({ step, foreign, occurrences, decided }: ReadValues): string[] {
    const computed = foreign.find(({ value, flow }) => {
      const isShort = typeof value === 'number' && String(value).length <= SHORT;
      return flow && !isShort && occurrences.get(String(value)) !== 'member';
    });
    if (computed)
      return [`It sends ${quote(String(computed.value))} there, which is computed from answers of another service.`];
    if (step.forEach && (decided.isListed || decided.by.length > 0 || foreign.some(({ flow }) => flow)))
      return ['It sends a list of answers of another service there.'];
    const copied = [
      ...foreign.map(({ value }) => [sha256(String(value)).slice(0, 16), String(value).length] as const),
      ...decided.by.map((place) => [sha256(place).slice(0, 16), 1] as const),
    ];
    const all = { ...this.carried, ...Object.fromEntries(copied) };
    const letters = Object.values(all).reduce((sum, length) => sum + length, 0);
    if (copied.length > 0 && (letters > MAX_CARRIED.letters || Object.keys(all).length > MAX_CARRIED.values))
      return [`With it the run sends ${letters} characters of answers of other services there.`];
    Object.assign(this.carried, all);
    return [];
  }
}

const unnamedText = (value: string): string =>
  `No person named ${quote(value)}, and no answer has it as a value of its own.`;

const quote = (text: string): string =>
  JSON.stringify(text.length > 80 ? `${text.slice(0, 79).toWellFormed()}…` : text);

/** Reports a long text that a model wrote from answers of other integrations. */
function longTextOf(values: readonly Value[], foreign: readonly Value[]): string[] {
  const long = values.find(({ value }) => String(value).length > MAX_CARRIED.letters);
  return long && foreign.includes(long) ? [`A model wrote ${quote(String(long.value))} into it.`] : [];
}

/** The texts and numbers of arguments, and the names of computed members. */
function valuesOf(args: Json, flows: ReadonlyMap<string, Flow>): Value[] {
  const values: Value[] = [];
  const visit = (value: Json, pointer: string, above: Flow | undefined): void => {
    const flow = above ?? flows.get(pointer);
    if (values.length > MAX_VALUES) return;
    if (typeof value === 'string' || typeof value === 'number') values.push({ pointer, value, flow });
    if (typeof value !== 'object' || value === null) return;
    for (const [key, member] of Object.entries(value)) {
      if (flow && !Array.isArray(value)) values.push({ pointer, value: key, flow });
      visit(member, `${pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`, flow);
    }
  };
  visit(args, '', undefined);
  return values;
}
