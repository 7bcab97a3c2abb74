import { isRecord } from '@errand/basics/is-record';
import { sha256 } from '@errand/basics/sha256';
import type { CallInWords, Json, PlanStep, ToolSpec } from '@errand/contracts';
import { addressesIn, canonicalJson, cut, manyCallsWords, stepTitle, words } from '@errand/plan';
import { reasonOf } from '../../events/step-text.ts';
import type { ActivationWriter } from '../../events/writer.ts';
import { type DecisionRequests, type RequestFields, type SharedCall, sharedCalls } from './decision-requests.ts';

/** If more calls of a `forEach` step need approval, they share a request. */
const MAX_SEPARATE_REQUESTS = 5;
/** Maximum bytes of the arguments in a shared request; further calls get another request. */
const MAX_SHARED_BYTES = 1024 * 1024;
/** Limits of the list in a shared request: calls, characters in all, and characters of each call. */
const MAX_LISTED = { calls: 50, letters: 3500, each: 300 };
/** Maximum characters of a plan in words, and of the question about a call. */
export const MAX_TEXT = 8000;

/** SHA-256 over the subject of an approval: the run, the tool or plan, and the exact value. */
export const approvalHash = (runId: string, subject: string, value: Json): string =>
  sha256(`${runId}\n${subject}\n${canonicalJson(value)}`);

/** A call that needs approval. `itemCount`: length of its forEach list. `isNew`: the plan added its tool after services had answered. */
export type CallToApprove = {
  key: string;
  step: PlanStep;
  tool: ToolSpec;
  args: Json;
  itemCount: number;
  doubts: readonly string[];
  isNew: boolean;
  inWords: () => Promise<CallInWords>;
};

/** Requests the approval of calls, individually or together for a long `forEach`. */
export class ApprovalRequests {
  /** Calls of long lists that need approval, by step and key, until all items of the step were judged. */
  readonly #collected = new Map<string, Map<string, CallToApprove>>();
  /** Whether the calls of a shared request match its hash. */
  readonly #intact = new WeakMap<object, boolean>();

  constructor(
    private readonly runId: string,
    private readonly deps: { requests: DecisionRequests; writer: ActivationWriter },
  ) {}

  /** Requests the approval of a call at once, or later together with the other calls of its step. */
  async ask(call: CallToApprove): Promise<void> {
    if (call.itemCount <= MAX_SEPARATE_REQUESTS) return this.#requestOne(call, await call.inWords());
    const calls = this.#collected.get(call.step.id) ?? new Map<string, CallToApprove>();
    this.#collected.set(call.step.id, calls.set(call.key, call));
  }

  /** Forgets a call of an earlier round, which is judged again. */
  withdraw({ step, key }: Pick<CallToApprove, 'step' | 'key'>): void {
    this.#collected.get(step.id)?.delete(key);
  }

  /** Requests the collected approvals of a step, after all of its items were judged. */
  async requestCollected(stepId: string): Promise<void> {
    const calls = [...(this.#collected.get(stepId)?.values() ?? [])].sort(byIteration);
    const parts = calls.length > MAX_SEPARATE_REQUESTS ? splitBySize(calls) : calls.map((call) => [call]);
    for (const part of parts) await this.#requestPart(part);
    this.#collected.delete(stepId);
  }

  async #requestPart(part: readonly CallToApprove[]): Promise<void> {
    const isOpen = ({ key }: CallToApprove) => this.deps.requests.newest('tool_approval', key) === undefined;
    const calls = part.filter(isOpen);
    if (calls.length === 0) return;
    const words = await Promise.all(calls.slice(0, MAX_LISTED.calls).map(({ inWords }) => inWords()));
    // An earlier round of the same step may have asked in the meantime.
    if (!calls.every(isOpen)) return this.#requestPart(calls);
    if (calls.length === 1) this.#requestOne(calls[0]!, words[0]!);
    else this.#requestAll(calls, words);
  }

  /** Whether a call is exactly the subject of a request. */
  isApproved({ key, tool, args }: Pick<CallToApprove, 'key' | 'tool' | 'args'>, answer: RequestFields): boolean {
    const calls = sharedCalls(answer);
    if (!calls) return approvalHash(this.runId, tool.name, args) === answer.sha256;
    const intact = this.#intact.get(calls) ?? approvalHash(this.runId, tool.name, answer.args) === answer.sha256;
    this.#intact.set(calls, intact);
    const matching = calls.find(({ toolCallId }) => toolCallId === key);
    return intact && matching !== undefined && canonicalJson(matching.args) === canonicalJson(args);
  }

  #requestOne(call: CallToApprove, words: CallInWords): void {
    const { key, args, doubts } = call;
    const parts = [...hiddenTexts(words.sentence, args), ...doubtTexts(doubts)];
    const text = [`${words.sentence}?${newToolText(call)}`, ...parts].join(' ');
    this.#request([call], { key, text, words, args });
  }

  // The arguments come last because they may be cut: another page shows them whole.
  #requestAll(calls: readonly CallToApprove[], words: readonly CallInWords[]): void {
    const first = calls[0]!;
    const sentence = manyCallsWords(first.tool, calls.length);
    const args = calls.map(({ key, args }): SharedCall => ({ toolCallId: key, args })) as unknown as Json;
    const list = numberedList(words, calls.length);
    const doubts = doubtTexts([...new Set(calls.flatMap((call) => call.doubts))]);
    const text = [`${sentence}?${newToolText(first)}`, ...doubts].join(' ');
    const allArgs = calls.map((call) => call.args);
    const whole = hiddenTexts(list, allArgs).join(' ');
    const { reason } = words[0]!;
    const listed = words.map((each, i) => ({ toolCallId: calls[i]!.key, sentence: each.sentence }));
    this.#request(calls.slice(0, MAX_LISTED.calls), {
      key: first.key,
      text: [text, list, whole].filter((part) => part !== '').join('\n'),
      words: { sentence, ...(reason !== undefined && { reason }), args: [], calls: listed },
      args,
    });
  }

  /** @param calls calls of one step that the event shows */
  #request(
    calls: readonly CallToApprove[],
    { key, text, words, args }: { key: string; text: string; words: CallInWords; args: Json },
  ): void {
    const { step, tool } = calls[0]!;
    const request = this.deps.requests.create({
      kind: 'tool_approval',
      key,
      text: cut(text, MAX_TEXT),
      words,
      stepId: step.id,
      tool: tool.name,
      customerIntegrationId: tool.customerIntegrationId,
      args,
      sha256: approvalHash(this.runId, tool.name, args),
    });
    this.deps.writer.add({
      decisionRequest: request,
      event: {
        type: 'step',
        step: {
          stepId: step.id,
          approvalId: request.decisionRequestId,
          title: stepTitle(step.tool, tool),
          state: 'waiting',
          reason: reasonOf(step, tool),
          approval: 'PENDING',
          text: `Waits for approval: ${words.sentence}.`,
        },
      },
      calls: calls.map((call) => ({
        toolCallId: call.key,
        toolName: tool.name,
        toolParameters: call.args,
        state: 'intended',
        effect: tool.effect,
      })),
    });
  }
}

const newToolText = ({ isNew }: CallToApprove): string =>
  isNew ? ' The plan before did not name this: it was added once services had answered.' : '';

const iterationOf = ({ key }: CallToApprove): number => Number(key.slice(key.lastIndexOf('.') + 1));
const byIteration = (a: CallToApprove, b: CallToApprove): number => iterationOf(a) - iterationOf(b);

function splitBySize(calls: readonly CallToApprove[]): CallToApprove[][] {
  const parts: CallToApprove[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const call of calls) {
    const size = Buffer.byteLength(JSON.stringify(call.args));
    bytes += size;
    if (bytes > MAX_SHARED_BYTES) {
      parts.push([]);
      bytes = size;
    }
    parts.at(-1)!.push(call);
  }
  return parts;
}

/** The first calls, numbered, and the number of the others. */
function numberedList(words: readonly CallInWords[], count: number): string {
  const lines: string[] = [];
  let letters = 0;
  for (const [i, { sentence }] of words.entries()) {
    const line = `${i + 1}. ${cut(sentence, MAX_LISTED.each)}`;
    letters += line.length;
    if (letters > MAX_LISTED.letters) break;
    lines.push(line);
  }
  if (lines.length < count) lines.push(`and ${count - lines.length} more`);
  return lines.join('\n');
}

/** A sentence shows longer texts only by their label. */
const LONG_TEXT = 40;
/** Maximum shown texts, characters of each, and addresses. */
const MAX_SHOWN = { texts: 3, letters: 1000, addresses: 20 };
const MAX_DOUBTS = 5;
const MAX_DOUBT_LETTERS = 400;

/** The long texts and the addresses in the arguments of a call that its sentence does not show. */
function hiddenTexts(sentence: string, args: Json): string[] {
  const texts = textsIn(args, '');
  const long = texts.filter(({ text }) => text.length > LONG_TEXT && !sentence.includes(text));
  const excerpts = long.slice(0, MAX_SHOWN.texts).map(({ label, text }) => {
    const all = text.length > MAX_SHOWN.letters ? ` (${text.length} letters)` : '';
    return `${label}${all}: "${cut(toVisible(text), MAX_SHOWN.letters)}".`;
  });
  const short = texts.filter(({ text }) => text.length <= LONG_TEXT);
  const addresses = [...new Set(short.flatMap(({ text }) => addressesIn(text)))].filter(
    (part) => !sentence.includes(part),
  );
  const more = addresses.length > MAX_SHOWN.addresses ? ` and ${addresses.length - MAX_SHOWN.addresses} more` : '';
  const to =
    addresses.length === 0
      ? []
      : [`Addresses: ${addresses.slice(0, MAX_SHOWN.addresses).map(toVisible).join(', ')}${more}.`];
  return [
    ...to,
    ...excerpts,
    ...(long.length > MAX_SHOWN.texts ? [`${long.length - MAX_SHOWN.texts} more long texts.`] : []),
  ];
}

const doubtTexts = (doubts: readonly string[]): string[] =>
  doubts.slice(0, MAX_DOUBTS).map((doubt) => `Doubtful: ${cut(toVisible(doubt), MAX_DOUBT_LETTERS)}`);

// Line breaks and invisible or direction characters could disguise the text.
const toVisible = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ').trim();

function textsIn(value: Json, label: string): { label: string; text: string }[] {
  if (typeof value === 'string') return [{ label, text: value }];
  if (Array.isArray(value)) return value.flatMap((item) => textsIn(item, label));
  if (!isRecord(value)) return [];
  return Object.entries(value).flatMap(([key, member]) => textsIn(member as Json, words(key)));
}
