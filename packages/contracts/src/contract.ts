import type { RouterOf } from '@errand/trpc-openapi/contract';
import { apiKeys } from './access/api-keys.ts';
import { audit } from './access/audit.ts';
import { members } from './access/members.ts';
import { people } from './access/people.ts';
import { session } from './access/session.ts';
import { workspaces } from './access/workspaces.ts';
import { actions } from './actions/actions.ts';
import { approvals } from './decisions/approval.ts';
import { approvalRules } from './decisions/approval-rule.ts';
import { effects } from './decisions/effect.ts';
import { inputOperations } from './decisions/input.ts';
import { pending } from './decisions/pending.ts';
import { questionOperations } from './decisions/question.ts';
import { settings } from './instance/settings.ts';
import { system } from './instance/system.ts';
import { workspace } from './instance/workspace.ts';
import { catalog } from './integrations/catalog/catalog.ts';
import { consentOperations } from './integrations/consents.ts';
import { integrations } from './integrations/integrations.ts';
import { tools } from './integrations/tool-search.ts';
import { users } from './integrations/user.ts';
import { executionPlans } from './runs/execution-plan.ts';
import { feedback } from './runs/feedback.ts';
import { runs } from './runs/runs.ts';
import { schedules } from './schedules/schedules.ts';
import { usage } from './usage/usage.ts';
import { userTokens } from './user-tokens.ts';
import { webhooks } from './webhooks/webhooks.ts';

/** All operations of Errand. REST, SSE, the OpenAPI document, tRPC and the clients are derived from them. */
export const contract = {
  runs,
  executionPlans,
  pending,
  approvals,
  approvalRules,
  effects,
  questions: questionOperations,
  inputs: inputOperations,
  actions,
  integrations,
  consents: consentOperations,
  catalog,
  tools,
  feedback,
  schedules,
  webhooks,
  apiKeys,
  userTokens,
  users,
  usage,
  audit,
  session,
  members,
  people,
  workspaces,
  workspace,
  settings,
  system,
};

/** The type of the tRPC router. It types a client without any code of the server. */
export type AppRouter = RouterOf<typeof contract>;
