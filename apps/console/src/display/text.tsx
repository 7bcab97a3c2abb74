import { textParts } from './hidden-characters.ts';

/** A text that a tool, a model or a user wrote. It cannot reorder the text around it, and its hidden characters are shown. */
export function Text({ children }: { children: string }) {
  const parts = textParts(children);
  return (
    <bdi>
      {parts.map(({ text, isHidden }, i) =>
        isHidden ? (
          // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a text have no other key
          <span key={i} className="rounded bg-bad-soft px-0.5 font-mono text-sm text-bad">
            {text}
          </span>
        ) : (
          text
        ),
      )}
    </bdi>
  );
}
