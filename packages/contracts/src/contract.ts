import type { RouterOf } from '@errand/trpc-openapi/contract';
import { apiKeys } from './access/api-keys.ts';
import { audit } from './access/audit.ts';
import { actions } from './actions/actions.ts';
import { approvalRules } from './decisions/approval-rule.ts';
import { approvals } from './decisions/approvals.ts';
import { effects } from './decisions/effect.ts';
import { inputOperations } from './decisions/input.ts';
import { pending } from './decisions/pending.ts';
import { questionOperations } from './decisions/question.ts';
import { integrations } from './integrations/integrations.ts';
import { tools } from './integrations/tool-search.ts';
import { users } from './integrations/user.ts';
import { executionPlans } from './runs/execution-plan.ts';
import { feedback } from './runs/feedback.ts';
import { runs } from './runs/runs.ts';
import { schedules } from './schedules/schedules.ts';
import { usage } from './usage/usage.ts';
import { webhooks } from './webhooks/webhooks.ts';

/** Everything that Errand answers. REST, SSE, the OpenAPI document, tRPC and the clients are derived from it. */
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
  tools,
  feedback,
  schedules,
  webhooks,
  apiKeys,
  users,
  usage,
  audit,
};

/** The tRPC router type; a client needs nothing of the server to be typed by it. */
export type AppRouter = RouterOf<typeof contract>;
