import type { Awaitable } from '@errand/basics/awaitable';
import type { Json } from '@errand/contracts';
import { readPageItems } from '../analysis/pages.ts';
import type { PlainPath } from '../sandbox/plain-path.ts';

/** An answer of a call, as JSON text. Only expressions that read it parse it; `text` is absent while it is not in memory. */
export type Output = { readonly bytes: number; readonly text?: string | undefined };

/** Calls `use` with the texts of outputs, and counts them as in use until it has ended. */
export type WithTexts = <T>(
  outputs: readonly Output[],
  use: (texts: readonly string[]) => Awaitable<T>,
) => Awaitable<T>;

export function toOutput(value: Json): Output & { readonly text: string } {
  const text = JSON.stringify(value);
  return { text, bytes: Buffer.byteLength(text) };
}

/** For outputs that stay in memory. */
export const withTextsInMemory: WithTexts = (outputs, use) => use(outputs.map(({ text }) => text ?? 'null'));

/** The pages of one call. Its output is the list of all their items, joined when it is read. */
export class PagedOutput {
  readonly bytes: number;

  /** @param itemsPath the path of a page's items, from `page` */
  constructor(
    readonly pages: readonly Output[],
    private readonly itemsPath: PlainPath,
  ) {
    this.bytes = pages.reduce((sum, page) => sum + page.bytes, 2);
  }

  /** Its JSON text. @param texts the texts of its pages, read one after another */
  join(texts: Iterator<string>): string {
    const lists = this.pages.map(() =>
      JSON.stringify(readPageItems(texts.next().value as string, this.itemsPath) ?? []),
    );
    return `[${lists.flatMap((list) => (list === '[]' ? [] : [list.slice(1, -1)])).join(',')}]`;
  }

  /** Its first pages, of at least about `maxBytes`. */
  firstPages(maxBytes: number): PagedOutput {
    let count = 0;
    for (let bytes = 0; count < this.pages.length && bytes < maxBytes; count++) bytes += this.pages[count]!.bytes;
    return new PagedOutput(this.pages.slice(0, count), this.itemsPath);
  }
}

/** The output of one call; with `pages` the list of the items of all pages. */
export type CallOutput = Output | PagedOutput;

/** The output of a step: that of its call, or with forEach a list of outputs, with null for a call without one. */
export class StepOutput {
  static readonly none = new StepOutput([null], false);

  /** Length of its JSON text in bytes. */
  readonly bytes: number;
  readonly outputs: readonly Output[];

  constructor(
    private readonly parts: readonly (CallOutput | null)[],
    private readonly isList: boolean,
  ) {
    this.outputs = parts.flatMap((part) => (part instanceof PagedOutput ? part.pages : (part ?? [])));
    this.bytes = parts.reduce((sum, part) => sum + (part?.bytes ?? 4) + 1, 1);
  }

  /** The JSON text of the step's output. @param texts the texts of its `outputs`, read one after another */
  join(texts: Iterator<string>): string {
    const all = this.parts.map((part) =>
      part === null ? 'null' : part instanceof PagedOutput ? part.join(texts) : texts.next().value,
    );
    return this.isList ? `[${all.join(',')}]` : all[0];
  }

  /** The beginning of its JSON text, of about `maxBytes` bytes. */
  excerpt(maxBytes: number, withTexts: WithTexts): Awaitable<string> {
    let count = 0;
    for (let bytes = 0; count < this.parts.length && bytes < maxBytes; count++) bytes += this.parts[count]?.bytes ?? 4;
    const parts = this.parts.slice(0, count);
    const some = new StepOutput(
      parts.map((part) => (part instanceof PagedOutput ? part.firstPages(maxBytes) : part)),
      this.isList,
    );
    return withTexts(some.outputs, (texts) => some.join(texts.values()).slice(0, maxBytes).toWellFormed());
  }
}

/** Calls `use` with the JSON text of each step's output. */
export const withStepTexts = <T>(
  steps: readonly StepOutput[],
  withTexts: WithTexts,
  use: (texts: readonly string[]) => Awaitable<T>,
): Awaitable<T> =>
  withTexts(
    steps.flatMap(({ outputs }) => outputs),
    (texts) => {
      const each = texts.values();
      return use(steps.map((step) => step.join(each)));
    },
  );

/** Maximum bytes of one output, and of all together, for models; prompts shorten them further. */
const MAX_EXCERPT = 64 * 1024;
const MAX_EXCERPTS = 256 * 1024;

/** The beginning of the output of each step, as JSON text, for models. */
export async function outputExcerpts(
  steps: ReadonlyMap<string, StepOutput>,
  withTexts: WithTexts,
): Promise<Record<string, string>> {
  const maxBytes = Math.min(MAX_EXCERPT, Math.floor(MAX_EXCERPTS / Math.max(1, steps.size)));
  const excerpts: Record<string, string> = {};
  for (const [id, output] of steps) excerpts[id] = await output.excerpt(maxBytes, withTexts);
  return excerpts;
}
