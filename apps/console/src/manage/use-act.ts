// Calls that change something.
import { type QueryKey, useMutation, useQueryClient } from '@tanstack/react-query';
import { toast } from '../controls/toast.tsx';
import { problemFor } from '../session/problem.ts';

type Options<T> = {
  act: () => Promise<T>;
  /** Said after success. */
  done?: string;
  /** The beginnings of the keys of the answers that are old afterwards: `[['webhooks']]`. */
  refresh?: readonly QueryKey[];
  onDone?: (answer: T) => void;
  /** Called after a refusal, such as to read again what another person has changed. */
  onRefused?: (() => void) | undefined;
  /** Whether the page shows the problem itself; otherwise a message does. */
  showsProblem?: boolean;
};

export type Act = { run: () => void; isBusy: boolean; error: unknown };

/** A change, with its messages, and with the answers that it makes old. */
export function useAct<T>({ act, done, refresh = [], onDone, onRefused, showsProblem = false }: Options<T>): Act {
  const queries = useQueryClient();
  const { mutate, isPending, error } = useMutation({
    mutationFn: act,
    onSuccess: async (answer) => {
      await Promise.all(refresh.map((queryKey) => queries.invalidateQueries({ queryKey })));
      if (done !== undefined) toast(done);
      onDone?.(answer);
    },
    onError: (failure) => {
      if (!showsProblem) toast(problemFor(failure).detail, { isBad: true });
      onRefused?.();
    },
  });
  return { run: () => mutate(), isBusy: isPending, error };
}
