import { contract } from '@errand/contracts';
import { type ImplementOptions, implement } from '@errand/trpc-openapi';
import { changeAction } from './actions/change-action.ts';
import { deleteAction } from './actions/delete-action.ts';
import { getAction } from './actions/get-action.ts';
import { keepAction } from './actions/keep-action.ts';
import { listActions } from './actions/list-actions.ts';
import { runAction } from './actions/run-action.ts';
import { createApiKey } from './api-keys/create-api-key.ts';
import { listApiKeys } from './api-keys/list-api-keys.ts';
import { revokeApiKey } from './api-keys/revoke-api-key.ts';
import { rotateApiKey } from './api-keys/rotate-api-key.ts';
import { decideApproval } from './approvals/decide-approval.ts';
import { getApproval } from './approvals/get-approval.ts';
import { listAudit } from './audit/list-audit.ts';
import type { Context, RequestContext } from './context.ts';
import { getFeedback } from './feedback/get-feedback.ts';
import { putFeedback } from './feedback/put-feedback.ts';
import { authUrl } from './integrations/auth-url.ts';
import { createIntegration } from './integrations/create-integration.ts';
import { deleteCredentials } from './integrations/delete-credentials.ts';
import { deleteIntegration } from './integrations/delete-integration.ts';
import { getIntegration } from './integrations/get-integration.ts';
import { getUser } from './integrations/get-user.ts';
import { listIntegrations } from './integrations/list-integrations.ts';
import { listTools } from './integrations/list-tools.ts';
import { patchIntegration } from './integrations/patch-integration.ts';
import { putCredentials } from './integrations/put-credentials.ts';
import { refreshIntegration } from './integrations/refresh-integration.ts';
import { setTools } from './integrations/set-tools.ts';
import { decidePending } from './pending/decide-pending.ts';
import { listPending } from './pending/list-pending.ts';
import { resolveEffect } from './pending/resolve-effect.ts';
import { watchPending } from './pending/watch-pending.ts';
import { answerInput } from './questions/answer-input.ts';
import { answerQuestion } from './questions/answer-question.ts';
import { createRule } from './rules/create-rule.ts';
import { listRules } from './rules/list-rules.ts';
import { revokeRule } from './rules/revoke-rule.ts';
import { cancelRun } from './runs/cancel-run.ts';
import { createRun } from './runs/create-run.ts';
import { getCall } from './runs/get-call.ts';
import { getPlan } from './runs/get-plan.ts';
import { getRun } from './runs/get-run.ts';
import { listEvents } from './runs/list-events.ts';
import { listRuns } from './runs/list-runs.ts';
import { preflight } from './runs/preflight.ts';
import { rerun } from './runs/rerun.ts';
import { streamEvents } from './runs/stream-events.ts';
import { watchRuns } from './runs/watch-runs.ts';
import { createSchedule } from './schedules/create-schedule.ts';
import { deleteSchedule } from './schedules/delete-schedule.ts';
import { getSchedule } from './schedules/get-schedule.ts';
import { listSchedules } from './schedules/list-schedules.ts';
import { patchSchedule } from './schedules/patch-schedule.ts';
import { runSchedule } from './schedules/run-schedule.ts';
import { searchTools } from './tools/search-tools.ts';
import { getUsage } from './usage/get-usage.ts';
import { eraseUser } from './users/erase-user.ts';
import { getUser as getOneUser } from './users/get-user.ts';
import { listUsers } from './users/list-users.ts';
import { createWebhook } from './webhooks/create-webhook.ts';
import { deleteWebhook } from './webhooks/delete-webhook.ts';
import { getWebhook } from './webhooks/get-webhook.ts';
import { listDeliveries } from './webhooks/list-deliveries.ts';
import { listWebhooks } from './webhooks/list-webhooks.ts';
import { patchWebhook } from './webhooks/patch-webhook.ts';
import { redeliver } from './webhooks/redeliver.ts';
import { rotateWebhook } from './webhooks/rotate-webhook.ts';
import { testWebhook } from './webhooks/test-webhook.ts';

const handlers: Parameters<typeof implement<typeof contract, RequestContext, Context>>[1] = {
  runs: {
    create: createRun,
    preflight,
    rerun,
    list: listRuns,
    get: getRun,
    cancel: cancelRun,
    events: listEvents,
    toolCall: getCall,
    stream: streamEvents,
    watch: watchRuns,
  },
  executionPlans: { get: getPlan },
  pending: { list: listPending, watch: watchPending, decide: decidePending },
  approvals: { get: getApproval, decide: decideApproval },
  approvalRules: { list: listRules, create: createRule, revoke: revokeRule },
  effects: { resolve: resolveEffect },
  questions: { answer: answerQuestion },
  inputs: { answer: answerInput },
  actions: {
    list: listActions,
    keep: keepAction,
    get: getAction,
    change: changeAction,
    delete: deleteAction,
    run: runAction,
  },
  integrations: {
    list: listIntegrations,
    create: createIntegration,
    get: getIntegration,
    patch: patchIntegration,
    delete: deleteIntegration,
    tools: listTools,
    setTools,
    getUser,
    authUrl,
    refresh: refreshIntegration,
    putCredentials,
    deleteCredentials,
  },
  tools: { search: searchTools },
  feedback: { get: getFeedback, put: putFeedback },
  schedules: {
    list: listSchedules,
    create: createSchedule,
    get: getSchedule,
    patch: patchSchedule,
    delete: deleteSchedule,
    run: runSchedule,
  },
  webhooks: {
    list: listWebhooks,
    create: createWebhook,
    get: getWebhook,
    patch: patchWebhook,
    delete: deleteWebhook,
    rotate: rotateWebhook,
    test: testWebhook,
    deliveries: listDeliveries,
    redeliver,
  },
  apiKeys: { list: listApiKeys, create: createApiKey, revoke: revokeApiKey, rotate: rotateApiKey },
  users: { list: listUsers, get: getOneUser, erase: eraseUser },
  usage: { get: getUsage },
  audit: { list: listAudit },
};

/** The router that implements the contract. */
export const createRouter = (options: ImplementOptions<RequestContext, Context>) =>
  implement<typeof contract, RequestContext, Context>(contract, handlers, options);

export type Router = ReturnType<typeof createRouter>;
