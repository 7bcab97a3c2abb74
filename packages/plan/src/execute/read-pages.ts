import type { ToolSpec } from '@errand/contracts';
import { type PagedStep, parseItemsPath, readPageItems, withCursor } from '../analysis/pages.ts';
import { AS_TOOL } from '../sandbox/sandbox.ts';
import { JsonText } from '../template/json-text.ts';
import { integrationLabel, toolLabel } from '../tools/label.ts';
import { expressionError, subjectOfStep } from './expression-error.ts';
import { type Output, PagedOutput, withTextsInMemory } from './output.ts';
import {
  type Args,
  type CallEnd,
  type CallOutcome,
  pointerTo,
  type StepError,
  type StepRun,
} from './plan-execution.ts';
import { evaluateIn } from './scope.ts';

/** A call of a step with `pages` after its first page. */
type PagedCall = StepRun & {
  step: PagedStep;
  tool: ToolSpec;
  extra: { item?: string; index?: number };
  /** Absent if an earlier run made the call: then it has made the calls of all pages. */
  args: Args | undefined;
  first: CallEnd;
};
type PagesSoFar = { outputs: Output[]; itemCount: number };
type PageCursor = string | number;

/** How the pages of one call ended. */
export type PagedIteration = { calls: CallEnd[]; output: PagedOutput | null; itemCount: number; capped: boolean };

/**
 * Reads the pages of a call after its first one, each as a separate call, until `next` gives nothing or `max` pages were read. The same
 * answers lead to the same calls.
 * @param call makes the call of a page
 */
export async function readPages(
  paged: PagedCall,
  call: (toolCallId: string, args: Args) => Promise<CallEnd>,
): Promise<PagedIteration> {
  const { first, step } = paged;
  const { items, max } = step.pages;
  const calls = [first];
  const read: PagesSoFar = { outputs: [], itemCount: 0 };
  // The first page has the name of the call itself.
  const nextId = () => `${first.toolCallId}.p${calls.length + 1}`;
  const noOutput = (): PagedIteration => ({ calls, output: null, itemCount: 0, capped: false });
  const failed = (error: StepError): PagedIteration => {
    calls.push({ toolCallId: nextId(), iteration: first.iteration, outcome: { kind: 'failed', ...error } });
    return noOutput();
  };
  const end = (capped: boolean): PagedIteration => {
    const output = new PagedOutput(read.outputs, parseItemsPath(items.$)!);
    return { calls, output, itemCount: read.itemCount, capped };
  };
  for (let sent: PageCursor | undefined; ; ) {
    const { outcome } = calls.at(-1)!;
    if (outcome.kind !== 'done') return noOutput();
    const next = await addPage(paged, read, outcome);
    if ('code' in next) return failed(next);
    if (next.cursor === null) return end(false);
    const isFull = read.outputs.length >= max;
    const error = whyNoNextPage(paged, read, next.cursor === sent);
    if (error) return failed(error);
    if (isFull) return end(true);
    sent = next.cursor;
    const earlierOutcome = paged.execution.options.earlier?.outcomeOf(nextId());
    if (earlierOutcome) {
      calls.push({ toolCallId: nextId(), iteration: first.iteration, outcome: earlierOutcome });
      continue;
    }
    const args = await argsOfPage(paged, sent);
    if ('code' in args) return failed(args);
    calls.push(await call(nextId(), args.args));
  }
}

const notPreparedText = ({ tool }: PagedCall, problem: string): string => subjectOfStep(toolLabel(tool), problem);

/** Adds the answer of a page. @returns the cursor of the next page, null after the last one */
async function addPage(
  paged: PagedCall,
  read: PagesSoFar,
  { output, link = null }: CallOutcome & { kind: 'done' },
): Promise<{ cursor: PageCursor | null } | StepError> {
  const { execution, step, tool, before, extra } = paged;
  const { next, items } = step.pages;
  const text = await (execution.options.withTexts ?? withTextsInMemory)([output], async ([pageText]) => pageText!);
  const pageItems = readPageItems(text, parseItemsPath(items.$)!);
  if (pageItems === undefined) {
    const problem = `the answer of ${integrationLabel(tool)} has no list of items in the expected place.`;
    const errors = [{ pointer: pointerTo(paged, 'pages/items'), message: 'It gives no list.' }];
    return { code: 'expression_failed', message: notPreparedText(paged, problem), errors };
  }
  read.outputs.push(output);
  read.itemCount += pageItems.length;
  const { length: pageCount } = read.outputs;
  const value = await evaluateIn(execution, next.$, {
    ends: before,
    ...extra,
    page: new JsonText(text),
    pageCount,
    itemCount: read.itemCount,
    link,
  });
  if (!value.ok)
    return expressionError(notPreparedText(paged, 'its next page'), pointerTo(paged, 'pages/next'), next.$, value);
  const cursor = value.value;
  // There is no next page. A number counts pages or items, and there are none after an empty page.
  if (cursor === null || cursor === false || cursor === '') return { cursor: null };
  if (typeof cursor === 'number') return { cursor: pageItems.length === 0 ? null : cursor };
  if (typeof cursor === 'string') return { cursor };
  const message = 'It must give a text or a number, or nothing after the last page.';
  const why = notPreparedText(paged, 'its next page is neither a text nor a number.');
  return { code: 'expression_failed', message: why, errors: [{ pointer: pointerTo(paged, 'pages/next'), message }] };
}

/** Why no more pages can be read: the same page repeats, or a step that needs all of them has read its maximum. */
function whyNoNextPage(
  paged: PagedCall,
  { outputs, itemCount }: PagesSoFar,
  isRepeated: boolean,
): StepError | undefined {
  const { step, tool } = paged;
  if (isRepeated) {
    const message = `${integrationLabel(tool)} returns the same next page repeatedly, so its pages cannot be read.`;
    const errors = [{ pointer: pointerTo(paged, 'pages/next'), message: 'It gave the same value twice.' }];
    return { code: 'tool_failed', message, errors };
  }
  if (outputs.length < step.pages.max || !step.pages.complete) return undefined;
  const message = `${toolLabel(tool)} has more than the first ${itemCount} items, and no more were to be read.`;
  const errors = [{ pointer: pointerTo(paged, 'pages/max'), message: 'There may be more.' }];
  return { code: 'nothing_found', message, errors };
}

async function argsOfPage(paged: PagedCall, cursor: PageCursor): Promise<{ args: Args } | StepError> {
  const { execution, step, tool } = paged;
  if (paged.args === undefined)
    return { code: 'output_unknown', message: notPreparedText(paged, 'a page of the earlier run is missing.') };
  const args = withCursor(paged.args, step.pages.into, cursor, tool.inputSchema);
  const verdict = await execution.options.sandbox.validate(tool.inputSchema, args, AS_TOOL);
  if (verdict.ok) return { args };
  const fault = verdict.errors[0]?.message ?? 'cannot be checked';
  const message = notPreparedText(paged, `its next page does not fit the argument: it ${fault}.`);
  return { code: 'tool_args_invalid', message };
}
