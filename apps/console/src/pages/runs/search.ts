// The filters of the list of errands, as they stand in the address.
import type { Inputs } from '@errand/client/console';
import { runStatusLabels } from '@errand/contracts/labels';
import { type Period, periodOf } from './period.ts';

type ListInput = Inputs['runs']['list'];
export type RunStatus = NonNullable<ListInput['status']>[number];
export type RunsSearch = Period & {
  q?: string;
  status?: RunStatus[];
  userId?: string;
  integration?: string;
  tool?: string;
  /** The principal that created them, as `type:id`. */
  requestedBy?: string;
  /** The schedule, or the key of the action, that created them. */
  scheduleId?: string;
  actionKey?: string;
  waiting?: true;
  sort?: 'createdAt' | '-duration';
  /** All errands, also where the person has chosen a view for the bare address. */
  all?: true;
  /** The run in the pane at the side. */
  peek?: string;
};

const isStatus = (value: unknown): value is RunStatus => typeof value === 'string' && value in runStatusLabels;

const REQUESTER = /^(api_key|person|claimed|subject|system):./u;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
export function searchOf(search: Record<string, unknown>): RunsSearch {
  const { q, status, userId, integration, tool, requestedBy, scheduleId, actionKey, waiting, sort, all, peek } = search;
  const statuses = (Array.isArray(status) ? status : [status]).filter(isStatus);
  return {
    ...(typeof q === 'string' && q !== '' && { q: q.slice(0, 200) }),
    ...(statuses.length > 0 && { status: statuses }),
    ...(typeof userId === 'string' && userId !== '' && { userId }),
    ...(typeof integration === 'string' && integration !== '' && { integration }),
    ...(typeof tool === 'string' && tool !== '' && { tool }),
    ...(typeof requestedBy === 'string' && REQUESTER.test(requestedBy) && { requestedBy }),
    ...(typeof scheduleId === 'string' && UUID.test(scheduleId) && { scheduleId }),
    ...(typeof actionKey === 'string' && actionKey !== '' && { actionKey: actionKey.slice(0, 100) }),
    ...periodOf(search),
    ...(waiting === true && { waiting }),
    ...((sort === 'createdAt' || sort === '-duration') && { sort }),
    ...(all === true && { all }),
    ...(typeof peek === 'string' && { peek }),
  };
}

/** Groups of statuses that people ask for together. */
export const STATUS_GROUPS: readonly { name: string; statuses: RunStatus[] }[] = [
  { name: 'all open', statuses: ['QUEUED', 'RUNNING', 'AUTH_REQUIRED', 'PAUSED'] },
  { name: 'all that went wrong', statuses: ['FAILED', 'PARTIAL_SUCCESS', 'NO_SUCCESS'] },
];

export type ChangeSearch = (
  change: Partial<RunsSearch>,
  options?: { isReplacing?: boolean /** Without the other filters. */; isWhole?: boolean },
) => void;

/** Whether anything narrows the list or changes its order. */
export const hasFilters = ({ all, peek, ...filters }: RunsSearch): boolean =>
  Object.values(filters).some((value) => value !== undefined);
