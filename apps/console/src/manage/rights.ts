import { roleLabels, scopeLabels } from '@errand/contracts/labels';
import { type Scope, useMay, useSession } from '../session/workspace.tsx';

/** Why the person's role does not permit something; undefined if it does. */
export function useOffReason(scope: Scope): string | undefined {
  const may = useMay(scope);
  const { workspace } = useSession();
  if (may) return undefined;
  const role = workspace?.role;
  return `Your role${role ? ` (${roleLabels[role]})` : ''} may not ${scopeLabels[scope as keyof typeof scopeLabels]}. An administrator can change it.`;
}
