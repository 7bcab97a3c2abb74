import { RecentCache } from '@errand/basics/cache/recent-cache';
import { hasChanged, ruleApplies, type ToolSpec } from '@errand/contracts';
import type { ActiveRule, Db } from '@errand/db';
import type { Sandbox } from '@errand/plan';
import type { Log } from '@errand/ports/log';
import type { RuleCheck, RuledRun } from './approvals.ts';

// Rules that another process creates or revokes take effect after this time.
const TTL_MS = 1000;

/**
 * Checks whether an approval rule allows a call: the same, unchanged tool, the same user, and arguments that fit.
 * An approver must have made the rule and, under four eyes, another person than the requester.
 */
export function createApprovalRules(db: Db, sandbox: Sandbox, log: Pick<Log, 'info'>, fourEyes: boolean) {
  const cache = new RecentCache<ActiveRule[]>(TTL_MS);
  const serves = (rule: ActiveRule, { userId }: RuledRun, tool: ToolSpec): boolean =>
    rule.tool === tool.name &&
    (rule.userId === null || rule.userId === userId) &&
    !hasChanged(rule.toolFingerprint, tool);
  const readPeople = async ({ workspaceId, requestedBy }: RuledRun, fitting: readonly ActiveRule[]) => {
    if (!fourEyes || fitting.length === 0) return undefined;
    return db.people.behind(workspaceId, [requestedBy, ...fitting.map(({ madeBy }) => madeBy)]);
  };
  return {
    for(run: RuledRun): RuleCheck {
      const { workspaceId } = run;
      return async (tool, args) => {
        const rules = await cache.get(workspaceId, '', () => db.forWorkspace(workspaceId).rules.listActive());
        const fitting = rules.filter((rule) => serves(rule, run, tool));
        const peopleBehind = await readPeople(run, fitting);
        for (const { argsSchema, approvalRuleId, madeBy } of fitting) {
          if (!ruleApplies(madeBy, run, peopleBehind)) continue;
          if (argsSchema && !(await sandbox.for(workspaceId).validate(argsSchema, args)).ok) continue;
          log.info({ workspaceId, tool: tool.name, approvalRuleId }, 'An approval rule allows a call.');
          return true;
        }
        return false;
      };
    },
    forget: (workspaceId: string) => cache.forget(workspaceId),
  };
}
