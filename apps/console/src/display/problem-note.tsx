import { Button } from '../controls/button.tsx';
import { problemFor } from '../session/problem.ts';
import { Text } from './text.tsx';

/** Faulty parts that are named. */
const MAX_FAULTS = 5;

/** A failed call: its title, detail, faulty parts, code and remedy, and a way to try again. */
export function ProblemNote({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const { code, title, detail, remedy, errors = [] } = problemFor(error);
  const faults = errors.filter(({ message }) => !detail.includes(message)).slice(0, MAX_FAULTS);
  return (
    <div role="alert" className="rounded-lg border border-bad bg-bad-soft p-3 break-words">
      <p className="font-semibold text-bad">{title}</p>
      <p>
        {detail} {remedy}
      </p>
      {faults.length > 0 && (
        <ul className="list-disc pl-5">
          {faults.map(({ pointer, message }) => (
            <li key={`${pointer} ${message}`}>
              <code className="font-mono text-sm">{pointer}</code>: <Text>{message}</Text>
            </li>
          ))}
        </ul>
      )}
      <p className="mt-1 flex items-center gap-3 text-dim">
        <code className="font-mono text-sm">{code}</code>
        {onRetry && <Button onClick={onRetry}>Try again</Button>}
      </p>
    </div>
  );
}
