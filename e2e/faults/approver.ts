import { ask, door, recorded } from './clients.ts';
import type { Cluster } from './cluster.ts';
import type { History } from './history.ts';
import { Considered, eachPending } from './pending.ts';
import { type Random, seeded } from './random.ts';

type Decision = 'approve' | 'deny';

const reflectionMs = 300;

/**
 * Answers what runs ask before they do something: mostly yes, sometimes no, sometimes not at all, so that time decides. Two people
 * answer at once and not the same; some say yes to what was decided, has expired or was cancelled long ago.
 */
export class Approver {
  private readonly considered = new Considered(reflectionMs);
  /** Approvals that were asked for, and whether somebody is going to answer. */
  private readonly seen = new Map<string, boolean>();

  constructor(
    private readonly cluster: Cluster,
    private readonly history: History,
    private readonly seed: number,
  ) {}

  work(stop: AbortSignal): Promise<void> {
    const random = seeded(this.seed, 'approver');
    return eachPending(this.cluster, random, stop, async (pending) => {
      const asked = pending.flatMap(({ approvalId }) => approvalId ?? []);
      await Promise.all(asked.map((approvalId) => this.answer(approvalId, random)));
      if (this.seen.size > 0 && random.chance(0.3))
        await this.say(random.pick([...this.seen.keys()]), 'approve', random);
    });
  }

  private async answer(approvalId: string, random: Random): Promise<void> {
    const answers = this.seen.get(approvalId) ?? random.chance(0.9);
    this.seen.set(approvalId, answers);
    if (!answers || !this.considered.is(approvalId)) return;
    const decision = random.chance(0.8) ? 'approve' : 'deny';
    const other = random.chance(0.2) ? [decision === 'approve' ? ('deny' as const) : ('approve' as const)] : [];
    await Promise.all([decision, ...other].map((one) => this.say(approvalId, one as Decision, random)));
  }

  private say(approvalId: string, decision: Decision, random: Random) {
    const request = { method: 'POST', path: `/v1/approvals/${approvalId}`, body: { decision } };
    const what = { operation: 'decide' as const, subject: approvalId, wanted: decision };
    return recorded(this.history, what, () => ask(this.cluster, door(this.cluster, random), request));
  }
}
