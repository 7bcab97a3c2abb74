import type { ReactNode } from 'react';
import { Button } from '../../../controls/button.tsx';
import { useOffReason } from '../../../manage/rights.ts';
import { Refusal } from '../refusal.tsx';

type InspectFormProps = {
  /** The fields. */
  children: ReactNode;
  isBusy: boolean;
  error: unknown;
  offBecause?: string | undefined;
  onSend: () => void;
};

/** A form whose button reads a service. */
export function InspectForm({ children, isBusy, error, offBecause, onSend }: InspectFormProps) {
  const off = useOffReason('connections:write') ?? offBecause;
  return (
    <form
      className="flex max-w-2xl flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        if (!isBusy && off === undefined) onSend();
      }}
    >
      {children}
      {isBusy && <p role="status">The service is being read. Nothing is registered yet.</p>}
      {error != null && <Refusal error={error} onRetry={onSend} />}
      <div>
        <Button type="submit" look="accent" isBusy={isBusy} offBecause={off}>
          Look at it
        </Button>
      </div>
    </form>
  );
}
