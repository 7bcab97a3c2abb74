import { useEffect, useEffectEvent, useRef, useState } from 'react';
import { TextInput } from '../controls/field.tsx';
import { useShortcuts } from '../controls/shortcuts.ts';

const DEBOUNCE_MS = 250;

type SearchFieldProps = {
  /** "Search the tools". */
  label: string;
  /** The words in the address. */
  value: string | undefined;
  onChange: (words: string | undefined) => void;
};

/** A field for words, which go into the address shortly after the last key. `/` focuses it. */
export function SearchField({ label, value = '', onChange }: SearchFieldProps) {
  const [text, setText] = useState(value);
  const [known, setKnown] = useState(value);
  const ref = useRef<HTMLInputElement>(null);
  // The address has changed, such as by Back.
  if (known !== value) {
    setKnown(value);
    setText(value);
  }
  const send = useEffectEvent(() => {
    const words = text.trim();
    if (words !== value) onChange(words === '' ? undefined : words);
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: a change of the text begins to wait again
  useEffect(() => {
    const timer = setTimeout(() => send(), DEBOUNCE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  useShortcuts([{ keys: '/', text: label, run: () => ref.current?.focus() }]);
  return (
    <TextInput
      ref={ref}
      type="search"
      aria-label={label}
      placeholder="Search"
      maxLength={200}
      className="!w-56 max-sm:!w-auto max-sm:flex-1"
      value={text}
      onChange={({ target }) => setText(target.value)}
    />
  );
}
