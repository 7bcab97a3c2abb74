import { Check, CirclePause, TriangleAlert, X } from 'lucide-react';
import type { ReactNode } from 'react';
import { Ago } from '../../display/time.tsx';
import type { Webhook } from './events.ts';

const DISABLED_TEXTS: Readonly<Record<NonNullable<Webhook['disabledBecause']>, string>> = {
  gone: 'The receiver answered 410.',
  failing: 'Nothing was accepted for five days.',
  secret_lost: 'Its secret cannot be opened. Rotate it, then switch the webhook on.',
};

/** Whether events arrive: a shape, a color and words. */
export function WebhookHealth({ webhook: { active, disabledBecause, failingSince } }: { webhook: Webhook }) {
  if (!active && disabledBecause !== undefined)
    return (
      <Mark icon={<X size={14} aria-hidden="true" />} className="text-bad" word="switched off">
        {DISABLED_TEXTS[disabledBecause]}
      </Mark>
    );
  if (!active) return <Mark icon={<CirclePause size={14} aria-hidden="true" />} className="text-dim" word="paused" />;
  if (failingSince !== undefined)
    return (
      <Mark icon={<TriangleAlert size={14} aria-hidden="true" />} className="text-wait" word="failing">
        since <Ago at={failingSince} />
      </Mark>
    );
  return <Mark icon={<Check size={14} aria-hidden="true" />} className="text-good" word="works" />;
}

type MarkProps = { icon: ReactNode; className: string; word: string; children?: ReactNode };

const Mark = ({ icon, className, word, children }: MarkProps) => (
  <span className="flex flex-col">
    <span className={`inline-flex items-center gap-1.5 font-semibold whitespace-nowrap ${className}`}>
      {icon}
      {word}
    </span>
    {children !== undefined && <span className="text-dim">{children}</span>}
  </span>
);
