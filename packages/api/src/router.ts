import { contract } from '@errand/contracts';
import { type ImplementOptions, implement } from '@errand/trpc-openapi';
import { actions } from './actions/handlers.ts';
import { apiKeys } from './api-keys/handlers.ts';
import { approvals } from './approvals/handlers.ts';
import { audit } from './audit/handlers.ts';
import { catalog } from './catalog/handlers.ts';
import { consents } from './consents/handlers.ts';
import type { Context, ContractHandlers, RequestContext, SessionContext } from './context.ts';
import { feedback } from './feedback/handlers.ts';
import { settings, system } from './instance/handlers.ts';
import { integrations } from './integrations/handlers.ts';
import { members } from './members/handlers.ts';
import { effects, pending } from './pending/handlers.ts';
import { people } from './people/handlers.ts';
import { inputs, questionHandlers } from './questions/handlers.ts';
import { approvalRules } from './rules/handlers.ts';
import { executionPlans, runs } from './runs/handlers.ts';
import { schedules } from './schedules/handlers.ts';
import { session } from './session/handlers.ts';
import { tools } from './tools/handlers.ts';
import { usage } from './usage/handlers.ts';
import { userTokens } from './user-tokens/handlers.ts';
import { users } from './users/handlers.ts';
import { webhooks } from './webhooks/handlers.ts';
import { workspace } from './workspace/handlers.ts';
import { workspaces } from './workspaces/handlers.ts';

const handlers: ContractHandlers = {
  runs,
  executionPlans,
  pending,
  approvals,
  approvalRules,
  effects,
  questions: questionHandlers,
  inputs,
  actions,
  integrations,
  consents,
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

/** The router that implements the contract. */
export const createRouter = (options: ImplementOptions<RequestContext, Context & SessionContext>) =>
  implement<typeof contract, RequestContext, Context & SessionContext>(contract, handlers, options);

export type Router = ReturnType<typeof createRouter>;
