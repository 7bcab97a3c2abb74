import { sha256 } from '@errand/basics/sha256';
import type { CallInWords, Json, PlanStep, ToolSpec } from '@errand/contracts';
import { canonicalJson, cut, manyCallsWords, stepTitle } from '@errand/plan';
import { reasonOf } from '../../events/step-text.ts';
import type { ActivationWriter } from '../../events/writer.ts';
import { doubtTexts, inWhole } from './in-whole.ts';
import { type CallInRequest, callsIn, type DecisionRequests, type RequestFields } from './requests.ts';

/** If more calls of a `forEach` step need approval, they share a request. */
const MAX_SEPARATE_REQUESTS = 5;
/** The most arguments that calls with a shared request have together, in bytes; more calls get another request. */
const MAX_SHARED_BYTES = 1024 * 1024;
/** The calls that a shared request describes, and the characters of their list. */
const MAX_LISTED = { calls: 50, letters: 3500, each: 300 };
/** Characters of a plan in words, and of the question about a call. */
export const MAX_TEXT = 8000;

/** SHA-256 over what an approval is for: the run, the tool or the plan, and the exact value. */
export const boundTo = (runId: string, subject: string, value: Json): string =>
  sha256(`${runId}\n${subject}\n${canonicalJson(value)}`);

/** A call that needs approval. `items`: of its forEach list. `isNew`: its tool was added once services had answered. */
export type CallToApprove = {
  key: string;
  step: PlanStep;
  tool: ToolSpec;
  args: Json;
  items: number;
  doubts: readonly string[];
  isNew: boolean;
  inWords: () => Promise<CallInWords>;
};

/** Requests the approval of calls: one by one, or one for all calls of a long `forEach`. */
export class CallRequests {
  readonly #runId: string;
  readonly #deps: { requests: DecisionRequests; writer: ActivationWriter };
  /** Calls of long lists that need approval, by step and key, until all items of the step were judged. */
  readonly #collected = new Map<string, Map<string, CallToApprove>>();
  /** Whether the list of a shared request has the hash of the request. */
  readonly #intact = new WeakMap<object, boolean>();

  constructor(runId: string, deps: { requests: DecisionRequests; writer: ActivationWriter }) {
    this.#runId = runId;
    this.#deps = deps;
  }

  /** Requests the approval of a call at once, or with the other calls of its step. */
  async ask(call: CallToApprove): Promise<void> {
    if (call.items <= MAX_SEPARATE_REQUESTS) return this.#requestOne(call, await call.inWords());
    const calls = this.#collected.get(call.step.id) ?? new Map<string, CallToApprove>();
    this.#collected.set(call.step.id, calls.set(call.key, call));
  }

  /** Drops what an earlier round collected about a call: it is judged again. */
  withdraw({ step, key }: Pick<CallToApprove, 'step' | 'key'>): void {
    this.#collected.get(step.id)?.delete(key);
  }

  /** Requests the approval of the calls of a step that were collected. All items of the step were judged. */
  async askFor(stepId: string): Promise<void> {
    const calls = [...(this.#collected.get(stepId)?.values() ?? [])].sort(byIteration);
    const parts = calls.length > MAX_SEPARATE_REQUESTS ? inParts(calls) : calls.map((call) => [call]);
    for (const part of parts) await this.#requestPart(part);
    this.#collected.delete(stepId);
  }

  async #requestPart(part: readonly CallToApprove[]): Promise<void> {
    const isOpen = ({ key }: CallToApprove) => this.#deps.requests.about('tool_approval', key) === undefined;
    const calls = part.filter(isOpen);
    if (calls.length === 0) return;
    const words = await Promise.all(calls.slice(0, MAX_LISTED.calls).map(({ inWords }) => inWords()));
    // An earlier round of the same step may have asked meanwhile.
    if (!calls.every(isOpen)) return this.#requestPart(calls);
    if (calls.length === 1) this.#requestOne(calls[0]!, words[0]!);
    else this.#requestAll(calls, words);
  }

  /** Whether a call is exactly what a request was about. */
  isApproved({ key, tool, args }: Pick<CallToApprove, 'key' | 'tool' | 'args'>, answer: RequestFields): boolean {
    const calls = callsIn(answer);
    if (!calls) return boundTo(this.#runId, tool.name, args) === answer.sha256;
    const intact = this.#intact.get(calls) ?? boundTo(this.#runId, tool.name, answer.args) === answer.sha256;
    this.#intact.set(calls, intact);
    const matching = calls.find(({ toolCallId }) => toolCallId === key);
    return intact && matching !== undefined && canonicalJson(matching.args) === canonicalJson(args);
  }

  #requestOne(call: CallToApprove, words: CallInWords): void {
    const { key, args, doubts } = call;
    const parts = [...inWhole(words.sentence, args), ...doubtTexts(doubts)];
    const text = [`${words.sentence}?${addedText(call)}`, ...parts].join(' ');
    this.#request([call], { key, text, words, args });
  }

  // The arguments come last: they are shown whole elsewhere, so that they may be cut.
  #requestAll(calls: readonly CallToApprove[], words: readonly CallInWords[]): void {
    const first = calls[0]!;
    const sentence = manyCallsWords(first.tool, calls.length);
    const args = calls.map(({ key, args }): CallInRequest => ({ toolCallId: key, args })) as unknown as Json;
    const list = listOf(words, calls.length);
    const doubts = doubtTexts([...new Set(calls.flatMap((call) => call.doubts))]);
    const text = [`${sentence}?${addedText(first)}`, ...doubts].join(' ');
    const whole = inWhole(
      list,
      calls.map((call) => call.args),
    ).join(' ');
    const { reason } = words[0]!;
    const listed = words.map((each, i) => ({ toolCallId: calls[i]!.key, sentence: each.sentence }));
    this.#request(calls.slice(0, MAX_LISTED.calls), {
      key: first.key,
      text: [text, list, whole].filter((part) => part !== '').join('\n'),
      words: { sentence, ...(reason !== undefined && { reason }), args: [], calls: listed },
      args,
    });
  }

  /** @param calls those that the event shows; all are of one step */
  #request(
    calls: readonly CallToApprove[],
    { key, text, words, args }: { key: string; text: string; words: CallInWords; args: Json },
  ): void {
    const { step, tool } = calls[0]!;
    const request = this.#deps.requests.request({
      kind: 'tool_approval',
      key,
      text: cut(text, MAX_TEXT),
      words,
      stepId: step.id,
      tool: tool.name,
      customerIntegrationId: tool.customerIntegrationId,
      args,
      sha256: boundTo(this.#runId, tool.name, args),
    });
    this.#deps.writer.add({
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

const addedText = ({ isNew }: CallToApprove): string =>
  isNew ? ' The plan before did not name this: it was added once services had answered.' : '';

const iterationOf = ({ key }: CallToApprove): number => Number(key.slice(key.lastIndexOf('.') + 1));
const byIteration = (a: CallToApprove, b: CallToApprove): number => iterationOf(a) - iterationOf(b);

function inParts(calls: readonly CallToApprove[]): CallToApprove[][] {
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
function listOf(words: readonly CallInWords[], count: number): string {
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
