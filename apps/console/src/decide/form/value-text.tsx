import { Text } from '../../display/text.tsx';
import type { Json } from './json.ts';

const MAX_LENGTH = 500;

/** A value as short text. */
function shortText(value: Json | undefined): string {
  if (value === undefined) return 'no value';
  if (typeof value === 'boolean') return value ? 'Yes' : 'No';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH)}…` : text;
}

export function ValueText({ value }: { value: Json | undefined }) {
  const isText = typeof value !== 'object' || value === null;
  return (
    <span className={isText ? 'whitespace-pre-wrap' : 'font-mono'}>
      {value === '' ? '(empty)' : <Text>{shortText(value)}</Text>}
    </span>
  );
}
