import { Button } from '../controls/button.tsx';
import { problemFor } from '../session/problem.ts';

/** A failed call: its title, detail, code and remedy, and a way to try again. */
export function ProblemNote({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const { code, title, detail, remedy } = problemFor(error);
  return (
    <div role="alert" className="rounded-lg border border-bad bg-bad-soft p-3 break-words">
      <p className="font-semibold text-bad">{title}</p>
      <p>
        {detail} {remedy}
      </p>
      <p className="mt-1 flex items-center gap-3 text-dim">
        <code className="font-mono text-sm">{code}</code>
        {onRetry && <Button onClick={onRetry}>Try again</Button>}
      </p>
    </div>
  );
}
