// Opens the subscriptions of a hub.
import { type ConsoleClient, createConsoleClient, problemOf } from '@errand/client/console';
import type { Demand, Frame } from './demand.ts';
import type { OpenStream, StreamListener } from './hub.ts';

type ConnectionState = { state: 'idle' | 'connecting' | 'pending' };
type Subscriber = {
  onData(item: { data: Frame } | Frame): void;
  onConnectionStateChange(state: ConnectionState): void;
  onError(error: unknown): void;
  onComplete(): void;
};

/** @param origin of the service */
export const openStreams =
  (origin: string): OpenStream =>
  (demand, token, listener) => {
    const client = createConsoleClient({ origin, token, workspaceId: demand.workspaceId });
    const subscription = subscribe(client, demand, subscriberFor(listener));
    return () => subscription.unsubscribe();
  };

function subscriberFor(listener: StreamListener): Subscriber {
  return {
    onData: (item) => listener.onFrame('id' in item && 'data' in item ? (item.data as Frame) : (item as Frame)),
    onConnectionStateChange: ({ state }) => {
      if (state === 'pending') listener.onState('live');
      if (state === 'connecting') listener.onState('connecting');
    },
    onError: (error) => listener.onState('refused', problemOf(error)?.code),
    onComplete: () => {},
  };
}

function subscribe(client: ConsoleClient, demand: Demand, subscriber: Subscriber): { unsubscribe(): void } {
  switch (demand.kind) {
    case 'runs':
      return client.runs.watch.subscribe({}, subscriber);
    case 'pending':
      return client.pending.watch.subscribe({ heads: true }, subscriber);
    case 'run':
      return followRun(client, demand, subscriber);
  }
}

/** The stream of a run has nothing after `end`: left open, it would connect again and again. */
function followRun(
  client: ConsoleClient,
  { runId, after }: Extract<Demand, { kind: 'run' }>,
  subscriber: Subscriber,
): { unsubscribe(): void } {
  let subscription: { unsubscribe(): void } | undefined;
  let hasEnded = false;
  const end = () => {
    hasEnded = true;
    subscription?.unsubscribe();
  };
  subscription = client.runs.stream.subscribe(
    { runId, includeToolCalls: true, after: String(after) },
    {
      ...subscriber,
      onData: (item) => {
        subscriber.onData(item);
        if (item.data.type === 'end') end();
      },
    },
  );
  if (hasEnded) subscription.unsubscribe();
  return { unsubscribe: end };
}
