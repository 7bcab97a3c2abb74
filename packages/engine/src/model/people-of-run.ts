import { type Approver, identityOf, type Run, type StoredApprover } from '@errand/contracts';
import type { ReadRequesters, RunRow } from '@errand/db';

type NamedRow = Pick<RunRow, 'requestedBy' | 'requestedLabel' | 'approvers'>;
/** The requester and the approvers of a run, with their names. */
export type PeopleOfRun = Pick<Run, 'requestedBy' | 'approvers'>;

/** The identities with names that rows of runs do not store. */
export const identitiesOf = (
  rows: readonly { requestedBy: string | null; approvers?: readonly StoredApprover[] | null }[],
): (string | null)[] =>
  rows.flatMap(({ requestedBy, approvers }) => [
    requestedBy,
    ...(approvers ?? []).filter(({ type }) => type === 'person').map(identityOfApprover),
  ]);

export const identityOfApprover = ({ type, id }: Pick<StoredApprover, 'type' | 'id'>): string =>
  identityOf({ kind: type, id });

type RequesterOf = Awaited<ReturnType<ReadRequesters>>;

/** For readers who see no people, such as user tokens. */
export const noPeople: RequesterOf = () => undefined;

/** @param requesterOf has read `identitiesOf` of the row */
export function peopleOf({ requestedBy, requestedLabel, approvers }: NamedRow, requesterOf: RequesterOf): PeopleOfRun {
  if (requesterOf === noPeople) return {};
  const requester = requesterOf(requestedBy, requestedLabel);
  return {
    ...(requester && { requestedBy: requester }),
    ...(approvers && { approvers: approvers.map((approver) => namedApprover(approver, requesterOf)) }),
  };
}

export const namedApprover = (approver: StoredApprover, requesterOf: RequesterOf): Approver => {
  const { type, id, label = requesterOf(identityOfApprover(approver))?.label ?? id } = approver;
  return { type, id, label };
};
