import { Ban, Check, Clock } from 'lucide-react';
import { Text } from '../display/text.tsx';
import { Ago } from '../display/time.tsx';
import { type Closing, decisionWord } from './entry.ts';

const GOOD = new Set(['approve', 'happened', 'answer', 'retry']);

/** The decision, with its author and time; or that the request expired or its errand ended. */
export function ClosingNote({ closing }: { closing: Closing }) {
  const { why, decision, by, at, reason } = closing;
  const isGood = why === 'decided' && GOOD.has(decision ?? '');
  const Icon = why === 'decided' ? (isGood ? Check : Ban) : Clock;
  return (
    <div role="status" className="flex items-start gap-2 rounded-lg border border-line bg-soft p-3">
      <Icon size={16} aria-hidden="true" className={`mt-0.5 shrink-0 ${isGood ? 'text-good' : 'text-dim'}`} />
      <p className="min-w-0 break-words">
        <span className="font-semibold">
          <Text>{textOf(closing)}</Text>
        </span>
        {at !== undefined && (
          <>
            , <Ago at={at} />
          </>
        )}
        .
        {reason !== undefined && (
          <span className="block whitespace-pre-wrap text-dim">
            “<Text>{reason}</Text>”
          </span>
        )}
        {why === 'decided' && by !== undefined && <span className="block text-dim">A decision cannot be undone.</span>}
      </p>
    </div>
  );
}

function textOf({ why, decision, by }: Closing): string {
  if (why === 'expired') return 'Nobody decided before it expired';
  if (why === 'ended') return 'Its errand ended before a decision';
  return `Decided${by === undefined ? '' : ` by ${by}`}: ${decisionWord(decision)}`;
}
