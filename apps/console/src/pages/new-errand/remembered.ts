// The last choices of the person for the next errand: not its words.
import type { FormValues } from './form-values.ts';

const keyOf = (workspaceId: string) => `errand-new-${workspaceId}`;

export function rememberForm(workspaceId: string, { userId, integrations, approvalStrategy }: FormValues): void {
  localStorage.setItem(keyOf(workspaceId), JSON.stringify({ userId, integrations, approvalStrategy }));
}

export function recallForm(workspaceId: string): Partial<FormValues> {
  try {
    return JSON.parse(localStorage.getItem(keyOf(workspaceId)) ?? '{}') as Partial<FormValues>;
  } catch {
    return {};
  }
}
