// The filters of the audit log, as they stand in the address.
import type { Inputs } from '@errand/client/console';
import { actorTypes, auditActions } from '@errand/contracts/labels';

export type AuditAction = (typeof auditActions)[number];
export type ActorType = (typeof actorTypes)[number];
/** from and to: days, in the zone of the browser, both included. entry: the opened one. */
export type AuditSearch = {
  actorId?: string;
  actorType?: ActorType;
  actions?: AuditAction[];
  target?: string;
  runId?: string;
  from?: string;
  to?: string;
  entry?: string;
};
export type AuditFilters = Omit<AuditSearch, 'entry'>;

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const MAX_TEXT = 1000;

export const isUuid = (value: unknown): value is string => typeof value === 'string' && UUID.test(value);
const isText = (value: unknown): value is string =>
  typeof value === 'string' && value.trim() !== '' && value.length <= MAX_TEXT;
const isDay = (value: unknown): value is string =>
  typeof value === 'string' && /^[1-9]\d{3}-\d\d-\d\d$/.test(value) && !Number.isNaN(Date.parse(value));

export function searchOf(search: Record<string, unknown>): AuditSearch {
  const { actorId, target, runId, from, to, entry } = search;
  const actorType = actorTypes.find((each) => each === search.actorType);
  const named = new Set([search.actions].flat());
  const actions = auditActions.filter((each) => named.has(each));
  return {
    ...(isText(actorId) && { actorId }),
    ...(actorType && { actorType }),
    ...(actions.length > 0 && { actions }),
    ...(isText(target) && { target }),
    ...(isUuid(runId) && { runId }),
    ...(isDay(from) && { from }),
    ...(isDay(to) && { to }),
    ...(isUuid(entry) && { entry }),
  };
}

type ListInput = Omit<Inputs['audit']['list'], 'pageSize' | 'cursor'>;

/** The filters of the operation: days become moments. */
export const inputOf = ({ from, to, ...filters }: AuditFilters): ListInput => ({
  ...filters,
  ...(from !== undefined && { from: startOfDay(from, 0) }),
  ...(to !== undefined && { to: startOfDay(to, 1) }),
});

/** Midnight in the zone of the browser. */
function startOfDay(day: string, later: number): string {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number);
  return new Date(year, month - 1, date + later).toISOString();
}

/** "api_key.created" as "API key created". */
export const actionText = (action: string): string => action.replace(/[._]/g, ' ').replace(/^api /, 'API ');
