import { Check } from 'lucide-react';
import type { ReactNode } from 'react';
import { Text } from '../../display/text.tsx';
import { STEPS, type StepName } from './search.ts';

const NAMES: Readonly<Record<StepName, string>> = {
  source: 'Service',
  found: 'What it offers',
  access: 'Credential',
  tools: 'Tools',
  done: 'Done',
};

/** Where a person is among the steps. */
export function StepList({ current }: { current: StepName }) {
  const at = STEPS.indexOf(current);
  return (
    <ol aria-label="Steps" className="flex flex-wrap gap-x-5 gap-y-1">
      {STEPS.map((step, index) => (
        <li
          key={step}
          aria-current={index === at ? 'step' : undefined}
          className={`flex items-center gap-1.5 ${index === at ? 'font-semibold' : 'text-dim'}`}
        >
          <span
            className={`flex size-5 items-center justify-center rounded-full border text-sm ${
              index === at ? 'border-accent bg-accent text-on-accent' : 'border-edge'
            }`}
          >
            {index < at ? <Check size={12} aria-hidden="true" /> : index + 1}
          </span>
          {NAMES[step]}
          {index < at && <span className="sr-only">(done)</span>}
        </li>
      ))}
    </ol>
  );
}

type StepFrameProps = {
  title: string;
  about?: ReactNode;
  children: ReactNode;
  /** Buttons that lead on and back. */
  buttons?: ReactNode;
  /** Whether the heading takes the focus, so that the keyboard and a screen reader follow to the new step. */
  takesFocus?: boolean;
};

/** A step with its heading. */
export const StepFrame = ({ title, about, children, buttons, takesFocus = true }: StepFrameProps) => (
  <section aria-label={title} className="flex min-w-0 flex-col gap-4">
    <h2 tabIndex={-1} ref={takesFocus ? focus : undefined} className="text-lg font-semibold break-words outline-none">
      <Text>{title}</Text>
    </h2>
    {about !== undefined && <p className="max-w-3xl text-dim">{about}</p>}
    {children}
    {buttons !== undefined && <div className="flex flex-wrap gap-2">{buttons}</div>}
  </section>
);

const focus = (heading: HTMLElement | null): void => heading?.focus();
