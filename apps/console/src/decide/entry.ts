// Decision requests as pages show them: their id, and how they ended.
import type { Outputs } from '@errand/client/console';
import { decisionLabels } from '@errand/contracts/labels';

export type Entry = Outputs['pending']['list']['pending'][number];
type Ids = { [K in 'approvalId' | 'effectId' | 'consentId' | 'requestId']?: string | undefined };

export const entryIdOf = (entry: Ids): string =>
  entry.approvalId ?? entry.effectId ?? entry.consentId ?? entry.requestId ?? '';

/** How a request ended. ended: its errand ended first. */
export type Closing = {
  why: 'decided' | 'expired' | 'ended';
  decision?: string | undefined;
  by?: string | undefined;
  at?: string | undefined;
  reason?: string | undefined;
};

/** How an entry that was read ended; undefined while it is open. */
export function closingOf({ decided, expiresAt, state }: Entry & { state?: string }, now: number): Closing | undefined {
  if (decided) {
    const { decision, by, at, reason } = decided;
    return { why: by === undefined ? 'expired' : 'decided', decision, by, at, reason };
  }
  // Only the service knows that a request is closed: the clock of this computer may be wrong.
  if (state !== 'gone') return undefined;
  const isExpired = expiresAt !== undefined && new Date(expiresAt).getTime() <= now;
  return isExpired ? { why: 'expired', at: expiresAt } : { why: 'ended' };
}

/** "approved", "to be made again". */
export const decisionWord = (decision: string | undefined): string =>
  decisionLabels[decision as keyof typeof decisionLabels] ?? 'decided';

/** The end of a request in a few words, for lists. */
export function closingText({ why, decision, by }: Closing): string {
  if (why === 'expired') return 'expired';
  if (why === 'ended') return 'its errand ended';
  return `${decisionWord(decision)}${by === undefined ? '' : ` by ${by}`}`;
}

/** The text of several calls has a line for each. */
export const firstLine = (text: string): string => text.split('\n', 1)[0]!;

/** The one sentence of a request. */
export function sentenceOf({ kind, inWords, planInWords, text, userId, integrationName }: Entry): string {
  if (kind === 'consent' && integrationName !== undefined) return `${userId} must connect ${integrationName}`;
  if (inWords?.calls) return firstLine(text);
  if (!inWords) return planInWords?.goal ?? text;
  return kind === 'effect' ? `${inWords.sentence}: did it happen?` : `${inWords.sentence}?`;
}

/** An address that a page may open: http or https only. */
export function safeUrl(text: string | undefined): URL | undefined {
  const url = text !== undefined && URL.canParse(text) ? new URL(text) : undefined;
  return url && (url.protocol === 'https:' || url.protocol === 'http:') ? url : undefined;
}
