import { Recent } from '@errand/basics/recent';
import { hasChanged, ruleServes, type ToolSpec } from '@errand/contracts';
import type { ActiveRule, Db } from '@errand/db';
import type { Sandbox } from '@errand/plan';
import type { Log } from '@errand/ports/log';
import type { RuleCheck, RuledRun } from './approvals.ts';

// Rules that another process creates or revokes take effect after this time.
const TTL_MS = 1000;

export type ApprovalRules = {
  for(run: RuledRun): RuleCheck;
  forget(workspaceId: string): void;
};

/**
 * Checks whether an approval rule allows a call: the same, unchanged tool, the same user, and arguments that fit.
 * Under four eyes another principal must have created the run.
 */
export function createApprovalRules(
  db: Db,
  sandbox: Sandbox,
  log: Pick<Log, 'info'>,
  fourEyes: boolean,
): ApprovalRules {
  const cache = new Recent<ActiveRule[]>(TTL_MS);
  const serves = (rule: ActiveRule, { userId, requestedBy }: RuledRun, tool: ToolSpec): boolean =>
    rule.tool === tool.name &&
    (rule.userId === null || rule.userId === userId) &&
    ruleServes(rule.madeBy, requestedBy, fourEyes) &&
    !hasChanged(rule.toolFingerprint, tool);
  return {
    for: (run) => async (tool, args) => {
      const { workspaceId } = run;
      const rules = await cache.get(workspaceId, '', () => db.forWorkspace(workspaceId).rules.listActive());
      for (const { argsSchema, approvalRuleId } of rules.filter((rule) => serves(rule, run, tool))) {
        if (argsSchema && !(await sandbox.for(workspaceId).validate(argsSchema, args)).ok) continue;
        log.info({ workspaceId, tool: tool.name, approvalRuleId }, 'an approval rule let a call pass');
        return true;
      }
      return false;
    },
    forget: (workspaceId) => cache.forget(workspaceId),
  };
}
