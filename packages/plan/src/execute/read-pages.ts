import type { Json, PlanStep, ToolSpec } from '@errand/contracts';
import { expressionError, subjectOfStep } from '../sandbox/expression-error.ts';
import type { Execution } from './gate.ts';
import { JsonText } from './json-text.ts';
import { integrationLabel, stepPointer, toolLabel } from './label.ts';
import type { CallEnd, StepEnd, StepError } from './outcome.ts';
import { fromMemory, type Output, PagedOutput } from './output.ts';
import { itemsOf, itemsPath, withPlace } from './paged.ts';
import { withScope } from './scope.ts';

type Args = { [key: string]: Json };
/** A call of a step with `pages`: its first page has been read. */
type Paged = {
  step: PlanStep & { pages: NonNullable<PlanStep['pages']> };
  tool: ToolSpec;
  before: ReadonlyMap<string, StepEnd>;
  extra: { item?: string; index?: number };
  /** What the first page was read with. */
  args: Args;
  first: CallEnd;
};

/** How the pages of one call ended. */
export type PagesEnd = { calls: CallEnd[]; output: PagedOutput | null; items: number; capped: boolean };

/**
 * Reads the pages of a call after its first one, one after another, each as a call of its own: until `next` gives nothing, or as many as
 * `max` were read. Given the same answers it asks for the same pages.
 * @param call makes the call of a page
 */
export async function readPages(
  { reading, options }: Execution,
  { step, tool, before, extra, args, first }: Paged,
  call: (toolCallId: string, args: Args) => Promise<CallEnd>,
): Promise<PagesEnd> {
  const { next, into, items, max, complete } = step.pages;
  const path = itemsPath(items.$)!;
  const pointer = `${stepPointer(reading.plan, step.id)}/pages`;
  const calls = [first];
  const pages: Output[] = [];
  let itemCount = 0;
  let sent: string | number | undefined;

  const end = (capped: boolean): PagesEnd => ({
    calls,
    output: new PagedOutput(pages, path),
    items: itemCount,
    capped,
  });
  const failed = (error: StepError): PagesEnd => {
    const { iteration } = first;
    calls.push({ toolCallId: keyOf(first, calls.length + 1), iteration, outcome: { kind: 'failed', ...error } });
    return { calls, output: null, items: 0, capped: false };
  };
  const prepared = (what: string): string => subjectOfStep(toolLabel(tool), what);
  const nextOf = (text: string, link: Json) =>
    withScope(
      [reading.analyses.get(next.$)],
      options,
      { ends: before, ...extra, page: new JsonText(text), pageCount: pages.length, itemCount, link },
      async (scope) => (await options.sandbox.evaluate([{ expression: next.$ }], scope))[0]!,
    );

  for (;;) {
    const { outcome } = calls.at(-1)!;
    if (outcome.kind !== 'done') return { calls, output: null, items: 0, capped: false };
    pages.push(outcome.output);
    const text = await (options.withTexts ?? fromMemory)([outcome.output], async ([one]) => one!);
    const found = itemsOf(text, path);
    if (found === undefined) {
      const message = prepared(
        `what ${integrationLabel(tool)} answered holds no list of items where one was expected.`,
      );
      return failed({
        code: 'expression_failed',
        message,
        errors: [{ pointer: `${pointer}/items`, message: 'It gives no list.' }],
      });
    }
    itemCount += found.length;
    const value = await nextOf(text, outcome.link ?? null);
    if (!value.ok) return failed(expressionError(prepared('its next page'), `${pointer}/next`, next.$, value));
    const at = value.value;
    // Nothing leads on. A number counts pages or items, and after an empty page there are none.
    if (at === null || at === false || at === '' || (typeof at === 'number' && found.length === 0)) return end(false);
    if (typeof at !== 'string' && typeof at !== 'number') {
      const message = 'It must give a text or a number, or nothing after the last page.';
      const why = prepared('what leads to its next page is neither a text nor a number.');
      return failed({ code: 'expression_failed', message: why, errors: [{ pointer: `${pointer}/next`, message }] });
    }
    if (at === sent) {
      const message = `${integrationLabel(tool)} leads to the same page again and again, so its pages cannot be read.`;
      return failed({
        code: 'tool_failed',
        message,
        errors: [{ pointer: `${pointer}/next`, message: 'It gives the same twice.' }],
      });
    }
    if (pages.length >= max && complete) {
      const message = `${toolLabel(tool)} has more than the first ${itemCount} items, and no more were to be read.`;
      return failed({
        code: 'nothing_found',
        message,
        errors: [{ pointer: `${pointer}/max`, message: 'There may be more.' }],
      });
    }
    if (pages.length >= max) return end(true);
    sent = at;
    const argsOfPage = withPlace(args, into, at, tool.inputSchema);
    const verdict = await options.sandbox.validate(tool.inputSchema, argsOfPage, { dialect: 'tool', closed: true });
    if (!verdict.ok) {
      const [fault] = verdict.errors;
      const message = prepared(
        `what leads to its next page does not fit: it ${fault?.message ?? 'cannot be checked'}.`,
      );
      return failed({ code: 'tool_args_invalid', message });
    }
    calls.push(await call(keyOf(first, calls.length + 1), argsOfPage));
  }
}

/** Names the call of a page within the plan; the first has the name of the call itself. */
const keyOf = ({ toolCallId }: CallEnd, page: number): string => `${toolCallId}.p${page}`;
