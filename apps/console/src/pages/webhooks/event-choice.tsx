import { ALL_EVENTS, eventTexts, type WebhookEvent } from './events.ts';

export type Events = { isAll: boolean; chosen: readonly WebhookEvent[] };

type EventChoiceProps = { events: Events; error: string | undefined; onChange: (events: Events) => void };

/** Which events a webhook gets. */
export function EventChoice({ events: { isAll, chosen }, error, onChange }: EventChoiceProps) {
  const toggle = (event: WebhookEvent) =>
    onChange({
      isAll,
      chosen: chosen.includes(event) ? chosen.filter((each) => each !== event) : [...chosen, event],
    });
  return (
    <fieldset className="flex flex-col gap-1">
      <legend className="mb-1 font-semibold">Send when</legend>
      <label className="flex items-start gap-2 py-0.5">
        <input type="checkbox" className="mt-1" checked={isAll} onChange={() => onChange({ isAll: !isAll, chosen })} />
        <span>anything happens, also events that a later version adds</span>
      </label>
      {!isAll &&
        ALL_EVENTS.map((event) => (
          <label key={event} className="flex items-start gap-2 py-0.5">
            <input type="checkbox" className="mt-1" checked={chosen.includes(event)} onChange={() => toggle(event)} />
            <span className="min-w-0">
              {eventTexts[event]} <code className="font-mono text-sm break-all text-dim">{event}</code>
            </span>
          </label>
        ))}
      {error !== undefined && <p className="text-sm text-bad">{error}</p>}
    </fieldset>
  );
}
