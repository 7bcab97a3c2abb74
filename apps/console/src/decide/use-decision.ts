// Sends one decision. A decision that another person made first is shown instead of an error.
import { useMutation } from '@tanstack/react-query';
import { useRef } from 'react';
import { toast } from '../controls/toast.tsx';
import { problemFor } from '../session/problem.ts';

type Act = { send: () => Promise<unknown>; done: string };

export type Decision = {
  /** @param done the message after it: "Approved." */
  decide: (send: Act['send'], done: string) => void;
  isBusy: boolean;
  error: unknown;
  /** Faults that the service found in the arguments, by pointer into them. */
  faults: Readonly<Record<string, string>>;
};

type DecisionOptions = {
  /** Where the values are in the input: `/args`, `/content` or `/answer`. */
  at?: string;
  onDone: (() => void) | undefined;
  readAgain: () => void;
};

export function useDecision({ at = '/args', onDone, readAgain }: DecisionOptions): Decision {
  const isSent = useRef(false);
  const { mutate, error, isPending } = useMutation({
    mutationFn: ({ send }: Act) => send(),
    onSuccess: (_, { done }) => {
      toast(done);
      onDone?.();
      readAgain();
    },
    onError: (failure) => {
      if (problemFor(failure).status === 409) readAgain();
    },
    onSettled: () => {
      isSent.current = false;
    },
  });
  return {
    decide: (send, done) => {
      if (isSent.current) return;
      isSent.current = true;
      mutate({ send, done });
    },
    isBusy: isPending,
    error,
    faults: faultsIn(error, at),
  };
}

type Invalid = { errors?: { pointer: string; message: string }[] };

function faultsIn(error: unknown, at: string): Record<string, string> {
  if (!error) return {};
  const { errors = [] } = problemFor(error) as Invalid;
  return Object.fromEntries(
    errors
      .filter(({ pointer }) => pointer.startsWith(`${at}/`))
      .map(({ pointer, message }) => [pointer.slice(at.length), message]),
  );
}
