import { Recent } from '@errand/basics/recent';
import { hasChanged, ruleServes } from '@errand/contracts';
import type { Db, LiveRule } from '@errand/db';
import type { Sandbox } from '@errand/plan';
import type { Log } from '../ports.ts';
import type { RuleCheck, RuledRun } from './approval.ts';

// A rule that is made or revoked elsewhere counts after this.
const TTL_MS = 1000;

export type ApprovalRules = {
  for(run: RuledRun): RuleCheck;
  /** Reads the rules of a workspace again. */
  forget(workspaceId: string): void;
};

/**
 * Lets calls pass that an approval rule allows: of this tool as it was then, for this user, with arguments that fit; and under four eyes
 * only those of runs that its maker did not ask for.
 */
export function createApprovalRules(
  db: Db,
  sandbox: Sandbox,
  log: Pick<Log, 'info'>,
  fourEyes: boolean,
): ApprovalRules {
  const known = new Recent<LiveRule[]>(TTL_MS);
  return {
    for:
      ({ workspaceId, userId, requestedBy }) =>
      async (tool, args) => {
        const rules = await known.get(workspaceId, '', () => db.forWorkspace(workspaceId).rules.live());
        for (const rule of rules) {
          const concerned = rule.tool === tool.name && (rule.userId === null || rule.userId === userId);
          // A tool that changed is another tool: it is asked about again.
          if (!concerned || !ruleServes(rule.madeBy, requestedBy, fourEyes)) continue;
          if (hasChanged(rule.toolFingerprint, tool)) continue;
          const { argsSchema, approvalRuleId } = rule;
          if (argsSchema && !(await sandbox.for(workspaceId).validate(argsSchema, args)).ok) continue;
          log.info({ workspaceId, tool: tool.name, approvalRuleId }, 'an approval rule let a call pass');
          return true;
        }
        return false;
      },
    forget: (workspaceId) => known.forget(workspaceId),
  };
}
