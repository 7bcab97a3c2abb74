import { createBrowserClient, type UserTokenAnswer } from '@errand/client/browser';
import { usePending } from '@errand/react';
import { type FormEvent, useCallback, useEffect, useMemo, useState } from 'react';
import { call } from './call.ts';
import { Alert, Button } from './card.tsx';
import { type PastRun, RunItem } from './run-item.tsx';

export type User = { id: string; name: string };
export type TicketData = { id: string; customer: string; subject: string; message: string; asks: string[] };
type Props = { user: User; teamLead: User; ticket: TicketData; errandUrl: string };

/** A ticket, with the requests of the user to the assistant. */
export function Ticket({ user, teamLead, ticket, errandUrl }: Props) {
  const client = useMemo(() => {
    const getToken = () => call<UserTokenAnswer>('POST', '/errand/token', { ticket: ticket.id });
    return createBrowserClient({ url: errandUrl, getToken });
  }, [errandUrl, ticket.id]);
  const inbox = usePending(client);
  const [runs, setRuns] = useState<PastRun[]>([]);
  const [usage, setUsage] = useState({ runs: 0, succeeded: 0 });
  const [intent, setIntent] = useState('');
  const [byTeamLead, setByTeamLead] = useState(false);
  const [failure, setFailure] = useState<Error>();
  const [isAsking, setAsking] = useState(false);
  const loadUsage = useCallback(() => void call<typeof usage>('GET', '/usage').then(setUsage, () => {}), []);
  useEffect(() => {
    const show = (all: PastRun[]) => setRuns(all.filter((run) => run.ticket === ticket.id));
    call<PastRun[]>('GET', '/runs').then(show, setFailure);
    loadUsage();
  }, [ticket.id, loadUsage]);
  const ask = async (event: FormEvent) => {
    event.preventDefault();
    setFailure(undefined);
    setAsking(true);
    try {
      const { runId } = byTeamLead
        ? await call<{ runId: string }>('POST', '/requests', { ticket: ticket.id, intent })
        : await client.ask({ intent, selectedCustomerIntegrationIds: ['*'], user: { name: user.name } });
      setRuns((runs) => [...runs, { runId, intent }]);
      setIntent('');
    } catch (error) {
      setFailure(error as Error);
    }
    setAsking(false);
  };

  return (
    <section aria-labelledby="ticket">
      <small>{`${ticket.id} · ${ticket.customer}`}</small>
      <h1 id="ticket">{ticket.subject}</h1>
      <blockquote>{ticket.message}</blockquote>
      <h2>Assistant</h2>
      {runs.map((run) => (
        <RunItem key={run.runId} client={client} run={run} inbox={inbox} onEnd={loadUsage} />
      ))}
      <form onSubmit={ask}>
        <label htmlFor="intent">What shall the assistant do?</label>
        <input id="intent" required value={intent} onChange={({ target }) => setIntent(target.value)} />
        <p>
          {ticket.asks.map((text) => (
            <Button key={text} label={text} onClick={() => setIntent(text)} />
          ))}
        </p>
        <label hidden={user.id === teamLead.id}>
          <input type="checkbox" checked={byTeamLead} onChange={({ target }) => setByTeamLead(target.checked)} />
          {` ${teamLead.name} approves it`}
        </label>
        <Button label="Ask" type="submit" className="main" disabled={isAsking} />
        <Alert error={failure ?? inbox.failure} />
      </form>
      <footer>{`Your requests in 30 days: ${usage.runs}. Successful: ${usage.succeeded}.`}</footer>
    </section>
  );
}
