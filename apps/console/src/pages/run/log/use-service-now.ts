import { useQuery } from '@tanstack/react-query';
import { useNow } from '../../../display/time.tsx';
import { useWorkspaceId, workspaceQuery } from '../../../session/workspace.tsx';

/** Smaller differences are the time of the answer on its way. */
const MIN_SKEW_MS = 2_000;

/** The time of the service, once a second: the times of events come from its clock, and that of the browser may be wrong. */
export function useServiceNow(): number {
  const { data, dataUpdatedAt } = useQuery(workspaceQuery(useWorkspaceId()));
  const skew = data ? Date.parse(data.now) - dataUpdatedAt : 0;
  return useNow() + (Math.abs(skew) > MIN_SKEW_MS ? skew : 0);
}
