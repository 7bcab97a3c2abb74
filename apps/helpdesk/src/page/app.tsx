import type { PendingEntry } from '@errand/client/browser';
import { useCallback, useEffect, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { call } from './call.ts';
import { Button, Card } from './card.tsx';
import { Ticket, type TicketData, type User } from './ticket.tsx';

type Session = { user: User; teamLead: User; tickets: TicketData[]; errandUrl: string };
const USERS = { ada: 'Ada Lopez, agent', ben: 'Ben Okafor, team lead' };
const reload = () => location.reload();

function App() {
  const [session, setSession] = useState<Session>();
  useEffect(() => void call<Session>('GET', '/session').then(setSession, () => {}), []);
  if (session) return <Desk {...session} />;
  return (
    <main className="alone">
      <h1>Deskline</h1>
      <p>Who are you? This sign-in is for development.</p>
      {Object.entries(USERS).map(([id, label]) => (
        <Button key={id} label={label} onClick={() => call('POST', '/session', { id }).then(reload)} />
      ))}
    </main>
  );
}

function Desk({ user, teamLead, tickets, errandUrl }: Session) {
  const [ticket, setTicket] = useState(tickets[0]!);
  return (
    <>
      <header>
        <strong>Deskline</strong> {user.name}
        <Button label="Sign out" onClick={() => call('DELETE', '/session').then(reload)} />
      </header>
      <nav aria-label="Tickets">
        {tickets.map((each) => (
          <button key={each.id} type="button" aria-current={each === ticket} onClick={() => setTicket(each)}>
            <small>{`${each.id} · ${each.customer}`}</small> {each.subject}
          </button>
        ))}
      </nav>
      <main>
        {user.id === teamLead.id && <Reviews />}
        <Ticket key={ticket.id} {...{ user, teamLead, ticket, errandUrl }} />
      </main>
    </>
  );
}

/** The requests of other users that this one approves. */
function Reviews() {
  const [requests, setRequests] = useState<PendingEntry[]>([]);
  const load = useCallback(() => call<PendingEntry[]>('GET', '/reviews').then(setRequests, () => {}), []);
  useEffect(() => {
    void load();
    const timer = setInterval(load, 3000);
    return () => clearInterval(timer);
  }, [load]);
  return (
    <section aria-labelledby="reviews">
      <h2 id="reviews">Waiting for you</h2>
      {requests.length === 0 && <p>Nothing waits for your approval.</p>}
      {requests.map((request) => {
        const path = `/reviews/${request.approvalId}`;
        const decide = (decision: string) => call('POST', path, { decision }).then(load, load);
        return <Card key={path} request={request} decide={decide} />;
      })}
    </section>
  );
}

createRoot(document.getElementById('root')!).render(<App />);
