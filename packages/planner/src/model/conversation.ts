import { cut } from '@errand/basics/plain-words';
import type { PlanRequest, ToolSpec } from '@errand/contracts';
import type { Message, ModelPrompt } from '@errand/ports/model';
import type { Look } from './judge.ts';
import { toolFinder } from './mend-plan.ts';
import { planPrompt, planSystemPrompt } from './plan-prompt.ts';
import { showTools } from './show-tools.ts';
import { findTools, viewTools } from './tool-view.ts';
import { DataBlocks } from './untrusted.ts';
import type { Complaint } from './why-unusable.ts';

const MAX_COMPLAINTS = 30;
const MAX_COMPLAINTS_BYTES = 16 * 1024;
const MAX_LOOK_BYTES = 12 * 1024;
/** Maximum number of looks in one conversation: each makes it longer. */
const MAX_LOOKS = 6;

/**
 * The messages between a model and the service until there is a plan. Only the model's looks make it longer, and its beginning never
 * changes, so that endpoints can cache it. Of unusable plans it contains the last one.
 */
export class Conversation {
  readonly #blocks: DataBlocks;
  readonly #lasting: Message[];
  readonly #seen: Set<string>;
  #attempt: readonly Message[] = [];
  #looks = 0;

  constructor(
    private readonly request: PlanRequest,
    maxToolsShown: number,
  ) {
    this.#blocks = new DataBlocks(request.dataKey);
    const view = viewTools(request.tools, maxToolsShown, request.observedOutputSchemas);
    this.#seen = new Set(view.shown.tools.map(({ name }) => name));
    for (const { tool } of request.previous?.plan.steps ?? []) this.#seen.add(tool);
    this.#lasting = [planPrompt(request, view, this.#blocks)];
  }

  get prompt(): Pick<ModelPrompt, 'system' | 'messages'> {
    return { system: planSystemPrompt(this.#blocks), messages: [...this.#lasting, ...this.#attempt] };
  }

  /** An answer without the key of the data blocks. */
  withoutDataKey = (text: string): string => this.#blocks.withoutKey(text);

  /** Answers the model's look. @returns false when it has looked often enough */
  answerLook(answer: string, look: Look): boolean {
    if (++this.#looks > MAX_LOOKS) return false;
    const view = 'tools' in look ? this.#toolsByName(look.tools) : this.#searchResults(look.search);
    this.#lasting.push(...this.#attempt, assistantMessage(answer), {
      role: 'user',
      content: `${view}\n\nAnswer with the JSON object: the plan, {"none": "why"}, or what else you must see first.`,
    });
    this.#attempt = [];
    return true;
  }

  /** Answers with the faults of an answer. @param draft the plan in it, if any */
  complain(answer: string, complaints: readonly Complaint[], draft: unknown): void {
    const unseen = this.#unseen(draft);
    const text = list(complaints.slice(0, MAX_COMPLAINTS));
    const parts = [
      'This answer cannot be used. What is wrong with it, by JSON pointer where there is one:',
      this.#blocks.write('complaints', text, MAX_COMPLAINTS_BYTES),
      ...(unseen.length > 0 ? ['What the tools take that you used by name alone:', this.#showTools(unseen)] : []),
      draft === undefined
        ? 'Answer again with exactly one JSON object: the plan, or {"none": "why"}.'
        : 'Mend all of it and answer again with the whole plan as one JSON object, or {"none": "why"} when it cannot be mended.',
    ];
    this.#attempt = [assistantMessage(answer), { role: 'user', content: parts.join('\n\n') }];
    // Each tool is shown only once.
    if (unseen.length > 0) {
      this.#lasting.push(...this.#attempt);
      this.#attempt = [];
    }
  }

  #toolsByName(names: readonly string[]): string {
    const find = toolFinder(this.request.tools);
    const tools = [...new Set(names.map(find).filter((tool) => tool !== undefined))];
    const unknown = names.filter((name) => find(name) === undefined);
    return [
      tools.length > 0 ? this.#showTools(tools) : '',
      unknown.length > 0
        ? `There are no tools of these names:\n${this.#blocks.write('unknown', unknown.join('\n'), 4096)}`
        : '',
    ]
      .filter(Boolean)
      .join('\n\n');
  }

  #searchResults(searches: readonly string[]): string {
    const hits = searches.map((words) =>
      this.#blocks.write(
        'found',
        `search: ${words}\n${findTools(this.request.tools, words) || '(nothing)'}`,
        MAX_LOOK_BYTES,
      ),
    );
    return ['What the searches found, best first.', ...hits].join('\n\n');
  }

  #showTools(tools: readonly ToolSpec[]): string {
    for (const { name } of tools) this.#seen.add(name);
    return this.#blocks.write(
      'tools',
      showTools(tools, this.request.observedOutputSchemas, MAX_LOOK_BYTES).text,
      Number.POSITIVE_INFINITY,
    );
  }

  /** Tools that a plan uses and the model has not seen. */
  #unseen(draft: unknown): ToolSpec[] {
    const steps = (draft as { steps?: { tool?: unknown }[] } | undefined)?.steps;
    const used = new Set(Array.isArray(steps) ? steps.map((step) => step?.tool) : []);
    return this.request.tools.filter(({ name }) => used.has(name) && !this.#seen.has(name)).slice(0, 20);
  }
}

const assistantMessage = (answer: string): Message => ({ role: 'assistant', content: answer });

const list = (complaints: readonly Complaint[]): string =>
  complaints.map(({ pointer, message }) => `${pointer ? `${pointer}: ` : ''}${cut(message, 500)}`).join('\n');
