// The last link that this browser verified: it reveals a chain that is cut or made again later.
import type { Position } from './verify.ts';

export type Seen = Position & { at: string };

const keyOf = (workspaceId: string): string => `errand-audit-${workspaceId}`;

export function readSeen(workspaceId: string): Seen | undefined {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(keyOf(workspaceId)) ?? 'null');
    return isSeen(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

const isSeen = (value: unknown): value is Seen => {
  const { seq, hash, at } = (value ?? {}) as Partial<Seen>;
  return Number.isInteger(seq) && typeof hash === 'string' && typeof at === 'string';
};

export const storeSeen = (workspaceId: string, { seq, hash }: Position): void =>
  localStorage.setItem(keyOf(workspaceId), JSON.stringify({ seq, hash, at: new Date().toISOString() }));
