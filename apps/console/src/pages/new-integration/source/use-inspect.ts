import { useMutation } from '@tanstack/react-query';
import { useClient } from '../../../session/workspace.tsx';
import type { InspectInput, Inspection } from '../draft.ts';

/** Reads a service without registering it. */
export function useInspect(onFound: (inspection: Inspection, input: InspectInput) => void) {
  const client = useClient();
  return useMutation({
    mutationFn: (input: InspectInput) => client.integrations.inspect.mutate(input),
    onSuccess: onFound,
  });
}
