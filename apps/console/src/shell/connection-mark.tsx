import { Circle, RefreshCw, TriangleAlert } from 'lucide-react';
import { duration, useNow } from '../display/time.tsx';
import { useConnection } from '../live/use-live.ts';

/** Short interruptions are not worth a word. */
const NOTABLE_MS = 1_000;

/** Whether the page is live, reconnects, or shows old data. */
export function ConnectionMark() {
  const { state, since, code } = useConnection();
  const now = useNow();
  const isInterrupted = state === 'connecting' && now - since > NOTABLE_MS;
  return (
    <span role="status" className="flex items-center gap-1.5 text-sm whitespace-nowrap text-dim">
      {state === 'refused' && (
        <>
          <TriangleAlert size={12} aria-hidden="true" className="text-bad" />
          <span>not live: {code ?? 'refused'}</span>
        </>
      )}
      {isInterrupted && (
        <>
          <RefreshCw size={12} aria-hidden="true" className="text-wait" />
          <span>
            reconnecting
            <span className="max-sm:hidden">; the page is {duration(now - since)} old</span>
          </span>
        </>
      )}
      {state !== 'refused' && !isInterrupted && (
        <>
          <Circle size={8} aria-hidden="true" className="fill-good text-good" />
          <span className="max-sm:sr-only">live</span>
        </>
      )}
    </span>
  );
}
