import { ConnectFailed, type PendingEntry, RequestFailed } from '@errand/client/browser';
import type { RequestView } from '@errand/react';
import type { ComponentProps } from 'react';

export const Button = ({ label, ...rest }: ComponentProps<'button'> & { label: string }) => (
  <button type="button" {...rest}>
    {label}
  </button>
);

/** The words of a failure for people. */
function wordsOf(error: Error): string {
  if (error instanceof ConnectFailed) return 'Your account was not connected.';
  // The message contains the remedy as well, which is for developers.
  return error instanceof RequestFailed ? (error.problem.detail ?? error.problem.title) : error.message;
}
export const Alert = ({ error }: { error?: Error }) => error && <p role="alert">{wordsOf(error)}</p>;
type Props = {
  request: PendingEntry & Partial<Pick<RequestView, 'isBusy' | 'failure'>>;
  decide: (decision: 'approve' | 'deny') => void;
  connect?: () => void;
};

/** A request to the user. Texts of runs are shown as text. */
export function Card({ request, decide, connect }: Props) {
  const { kind, inWords, integrationName, mayDecide, isBusy, failure } = request;
  const isApproval = kind === 'plan' || kind === 'call';
  return (
    <section className="card" aria-label={isApproval ? 'Approval' : 'Request'}>
      <strong>{kind === 'consent' ? `The assistant needs your account at ${integrationName}.` : request.text}</strong>
      <dl>
        {inWords?.args.map(({ pointer, label, name, text }) => (
          <div key={pointer}>
            <dt>{label}</dt> <dd>{name ?? text}</dd>
          </div>
        ))}
      </dl>
      {kind === 'consent' && <Button label="Connect your account" className="main" onClick={connect} />}
      {isApproval && !mayDecide && <p>Your team lead decides about this.</p>}
      <p hidden={!isApproval || !mayDecide}>
        <Button label="Approve" className="main" disabled={isBusy} onClick={() => decide('approve')} />
        <Button label="Deny" disabled={isBusy} onClick={() => decide('deny')} />
      </p>
      <Alert error={failure} />
    </section>
  );
}
