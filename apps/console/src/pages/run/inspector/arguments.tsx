// The arguments of a call, each with its origin.
import { Link } from '@tanstack/react-router';
import { JsonView } from '../../../display/json-view.tsx';
import { Folded, ValueView } from '../../../display/value.tsx';
import { splitTitle } from '../../../plan/step-state.tsx';
import { type Argument, argumentsOf, isHole } from '../log/flow-steps.ts';
import type { Plan } from '../log/phases.ts';

type Steps = Plan['steps'];
type ArgumentsProps = { args: unknown; origins: Steps[number]['argOrigins']; steps: Steps };

export function Arguments({ args, origins, steps }: ArgumentsProps) {
  const found = argumentsOf(args, origins);
  return (
    <div>
      <h3 className="font-semibold">Arguments</h3>
      {found.length === 0 ? (
        <p className="text-dim">None.</p>
      ) : (
        <dl className="mt-1 flex flex-col gap-2">
          {found.map((argument) => (
            <div key={argument.pointer} className="grid grid-cols-[96px_minmax(0,1fr)] gap-x-3">
              <dt className="break-words text-dim" title={argument.pointer}>
                {argument.name}
              </dt>
              <dd className="min-w-0">
                <ArgumentValue value={argument.value} />
                <Origin origin={argument.origin} steps={steps} />
              </dd>
            </div>
          ))}
        </dl>
      )}
    </div>
  );
}

function ArgumentValue({ value }: { value: unknown }) {
  if (!isHole(value)) return <ValueView value={value} fileName="argument" depth={1} />;
  return <Folded label="Computed when the step runs">{() => <JsonView value={value} fileName="argument" />}</Folded>;
}

function Origin({ origin, steps }: { origin: Argument['origin']; steps: Steps }) {
  if (!origin) return null;
  const step = steps.find(({ stepId }) => stepId === origin.stepId);
  const path = origin.path === undefined ? '' : ` at ${origin.path}`;
  if (!step) return <p className="text-sm text-dim">{origin.text}</p>;
  return (
    <p className="text-sm text-dim">
      {origin.text}
      {path},{' '}
      <Link
        from="/w/$workspaceId/runs/$runId"
        search={({ call: _, ...before }) => ({ ...before, step: step.stepId })}
        replace
        className="underline"
        aria-label={`Show the step ${splitTitle(step.title).operation}`}
      >
        show
      </Link>
    </p>
  );
}
