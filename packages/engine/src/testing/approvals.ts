import type { KeyPrincipal } from '@errand/contracts';
import { newId } from '@errand/db';
import type { Engine } from '../engine.ts';
import { aPlan, startEngines } from './engine.ts';
import { startService } from './service.ts';

/** A key that may do everything. */
export const aKey = (label: string): KeyPrincipal => {
  const id = newId();
  return { kind: 'api_key', id, apiKeyId: id, label, workspaceId: newId(), scopes: ['admin'] };
};

/** Who decides in these tests. */
export const by = aKey('er_test_…abcd');

type Waits = { workspaceId: string; runId: string; waitingOn: { approvalId?: string; text: string }[] };

export const approvalsOf = (run: Waits): string[] => run.waitingOn.map((request) => request.approvalId!);

/** So many writes that wait for nobody. */
export const parallel = (n: number) =>
  aPlan(
    Array.from({ length: n }, (_, i) => [`s${i}`, 'make', { n: i }] as [string, string, Record<string, unknown>]),
    'done',
  );

/** A service, and an engine at work that calls it and looks around often. */
export async function startApprovals(serverUrl: string) {
  const engines = await startEngines(serverUrl);
  const service = await startService();
  const engine: Engine = await engines.engine(service.toolbox, { workers: { watchMs: 50 } });
  return {
    engines,
    service,
    engine,
    decide: (run: Waits, approvalId: string, decision: 'approve' | 'deny', more: object = {}) =>
      engine.decideApproval(run.workspaceId, { approvalId, decision, ...more }, by),
    async close() {
      await engines.close();
      await service.close();
    },
  };
}
