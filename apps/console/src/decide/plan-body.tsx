import { effectLabels } from '@errand/contracts/labels';
import { Text } from '../display/text.tsx';
import type { Entry } from './entry.ts';
import { Folded, JsonText } from './panel-parts.tsx';

type Step = NonNullable<Entry['planInWords']>['steps'][number];

/** A plan: its steps in words, and its result. */
export function PlanBody({ entry, isCompact }: { entry: Entry; isCompact: boolean }) {
  const { plan, planInWords, text } = entry;
  const steps = planInWords?.steps ?? [];
  return (
    <>
      {planInWords ? (
        <section aria-label="Steps" className="flex flex-col gap-2">
          <h3 className="font-semibold">
            {steps.length === 1 ? 'One step' : `${steps.length} steps`}, {writesIn(steps)}
          </h3>
          <ol className="flex flex-col gap-2">
            {steps.map((step, i) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: the steps of a plan never change
              <StepItem key={i} step={step} number={i + 1} isCompact={isCompact} />
            ))}
          </ol>
          {planInWords.result !== undefined && (
            <p className="break-words text-dim">
              Its result: <Text>{planInWords.result}</Text>
            </p>
          )}
        </section>
      ) : (
        <p className="break-words whitespace-pre-wrap">
          <Text>{text}</Text>
        </p>
      )}
      {plan && (
        <Folded title="The plan as JSON">
          <JsonText value={plan} />
        </Folded>
      )}
    </>
  );
}

function writesIn(steps: readonly Step[]): string {
  const writes = steps.filter(({ effect }) => effect === 'write').length;
  if (writes === 0) return steps.length === 1 ? 'which reads' : 'all only read';
  if (writes === steps.length) return writes === 1 ? 'which writes' : 'all write';
  return writes === 1 ? 'one of them writes' : `${writes} of them write`;
}

function StepItem({ step, number, isCompact }: { step: Step; number: number; isCompact: boolean }) {
  const { sentence, effect, integration, notes, reason, args } = step;
  return (
    <li className="flex gap-2 rounded-lg border border-line p-2.5">
      <span className="w-5 shrink-0 text-right text-dim">{number}</span>
      <div className="min-w-0 flex-1">
        <p className="break-words">
          <Text>{sentence}</Text>{' '}
          <span className={`text-sm font-semibold ${effect === 'write' ? 'text-write' : 'text-dim'}`}>
            {effectLabels[effect]}
          </span>
        </p>
        <p className="text-sm break-words text-dim">
          <Text>{[integration, ...notes, reason].filter(Boolean).join(' · ')}</Text>
        </p>
        {!isCompact && args.length > 0 && (
          <details className="mt-1 text-sm">
            <summary className="text-dim">Arguments ({args.length})</summary>
            <ul className="mt-1">
              {args.map(({ pointer, label, name, text, origin }) => (
                <li key={pointer} className="break-words">
                  <span className="text-dim">
                    <Text>{label}</Text>:
                  </span>{' '}
                  <Text>{name ?? text}</Text>{' '}
                  <span className="text-dim">
                    (<Text>{origin}</Text>)
                  </span>
                </li>
              ))}
            </ul>
          </details>
        )}
      </div>
    </li>
  );
}
