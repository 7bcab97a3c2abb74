/**
 * Characters that a reader does not see but a model or a terminal obeys: control characters, direction overrides, invisible
 * spaces and operators, tag characters, and variation selectors that carry hidden text. Tabs, line ends and the joiners of
 * scripts and emoji are not among them.
 */
const hidden =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e0fff}]/gu;

/** Text without hidden characters and lone surrogates. */
export function stripHidden(text: string): string {
  return text.replace(hidden, '').toWellFormed();
}
