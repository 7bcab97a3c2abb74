import type { Client } from '@errand/client';
import type { NamedOperation } from './operations.ts';

type Procedure = {
  query(input: unknown): Promise<unknown>;
  mutate(input: unknown): Promise<unknown>;
  subscribe(
    input: unknown,
    on: { onData(item: { data: unknown }): void; onError(error: unknown): void; onComplete(): void },
  ): { unsubscribe(): void };
};

const procedureOf = (client: Client, name: string): Procedure =>
  name.split('.').reduce<unknown>((at, part) => (at as Record<string, unknown>)[part], client) as Procedure;

export const callOperation = (client: Client, { name, op }: NamedOperation, input: unknown): Promise<unknown> =>
  op.kind === 'query' ? procedureOf(client, name).query(input) : procedureOf(client, name).mutate(input);

/** Passes on each item of a stream until it ends, or the signal aborts. */
export function streamOperation(
  client: Client,
  { name }: NamedOperation,
  { input, onItem, signal }: { input: unknown; onItem: (item: unknown) => void; signal: AbortSignal },
): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = () => {
      subscription.unsubscribe();
      resolve();
    };
    const subscription = procedureOf(client, name).subscribe(input, {
      onData: ({ data }) => {
        onItem(data);
        // The stream of a run ends with this event.
        if ((data as { type?: string }).type === 'end') end();
      },
      onError: reject,
      onComplete: resolve,
    });
    signal.addEventListener('abort', end, { once: true });
  });
}
