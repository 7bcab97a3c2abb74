import type { CallInWords, Json } from '@errand/contracts';
import { argumentsHtml } from './arguments-html.ts';
import { visible } from './visible.ts';

/** One of several calls of an approval. */
export type CallOfSeveral = { toolCallId: string; args: Json };

/** The calls of one approval: the first as sentences with their arguments, the others as arguments. */
export function callsHtml(calls: readonly CallOfSeveral[], words: CallInWords | undefined): string {
  const sentences = words?.calls ?? [];
  const items = sentences.flatMap(({ toolCallId, sentence }) => {
    const call = calls.find((call) => call.toolCallId === toolCallId);
    return call ? [`<li>${visible(sentence)}${argumentsDetails(call.args)}</li>`] : [];
  });
  const rest = calls.slice(items.length).map(({ args }) => `<li>${argumentsHtml(args, undefined)}</li>`);
  const others =
    rest.length === 0
      ? ''
      : `<details><summary>${rest.length} more</summary>\n<ol start="${items.length + 1}">\n${rest.join('\n')}\n</ol>\n</details>`;
  return `<ol class="steps">\n${items.join('\n')}\n</ol>\n${others}`;
}

const argumentsDetails = (args: Json): string =>
  `<details><summary>Arguments</summary>\n${argumentsHtml(args, undefined)}\n</details>`;
