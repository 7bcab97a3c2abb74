import type { NewRun } from '../runs/create.ts';
import type { EventDraft } from '../runs/events.ts';
import type { LedgerEntry } from '../runs/ledger.ts';
import { newId } from '../statements/scope.ts';

/** A run that is about to be stored. */
export const aNewRun = (changes: Partial<NewRun> = {}): NewRun => ({
  runId: newId(),
  executionPlanId: newId(),
  repeatKey: 'weekly',
  repeatRunId: null,
  intent: 'Sum up the sales',
  context: '',
  userId: 'user-1',
  approvalStrategy: 'NONE',
  selected: ['*'],
  outputSchema: null,
  signature: Buffer.alloc(32, 1),
  budget: {},
  metadata: {},
  requestedBy: null,
  priority: 0,
  plan: { planType: 'text', plan: 'Planning has not finished.', madeBy: '', calls: [] },
  ...changes,
});

/** The event of a claim. */
export const aStart: EventDraft = { type: 'start', data: '{"runStatus":"RUNNING"}', toolCalls: null };

/** The event of step `s<n>`. */
export const aStep = (n: number): EventDraft => ({
  type: 'step',
  data: `{"runStatus":"RUNNING","step":{"stepId":"s${n}","approval":"NOT_REQUIRED"}}`,
  toolCalls: null,
});

/** A read that has ended. */
export const aCall = (changes: Partial<LedgerEntry> = {}): LedgerEntry => ({
  key: 'deals',
  kind: 'tool',
  stepId: 'deals',
  iteration: 0,
  tool: 'crm_1a2b3c4d.listDeals',
  args: { query: { limit: 5 } },
  argsSha256: 'abcd',
  effect: 'read',
  state: 'DONE',
  output: '{"items":[]}',
  idempotencyKey: null,
  attempts: 1,
  ...changes,
});
