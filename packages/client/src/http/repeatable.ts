// The operations that change something and may be sent again: path over tRPC → route over REST.

/** They are carried out once for each Idempotency-Key. */
const keyed: Readonly<Record<string, string>> = {
  'runs.create': 'POST /v1/runs',
  'runs.rerun': 'POST /v1/runs/{runId}/rerun',
  'runs.rerunMany': 'POST /v1/runs/rerun',
  'actions.run': 'POST /v1/actions/run',
  'schedules.run': 'POST /v1/schedules/{scheduleId}/run',
};

/** Their descriptions say that repeating the request changes nothing. */
const repeatable: Readonly<Record<string, string>> = {
  'runs.cancel': 'DELETE /v1/runs/{runId}',
  'runs.cancelMany': 'POST /v1/runs/cancel',
  'pending.decide': 'POST /v1/pending/decide',
  'approvals.decide': 'POST /v1/approvals/{approvalId}',
  'approvalRules.revoke': 'DELETE /v1/approval-rules/{approvalRuleId}',
  'effects.resolve': 'POST /v1/effects/{effectId}',
  'questions.answer': 'POST /v1/questions/{requestId}',
  'inputs.answer': 'POST /v1/inputs/{requestId}',
  'apiKeys.revoke': 'DELETE /v1/api-keys/{apiKeyId}',
  'userTokens.revoke': 'DELETE /v1/user-tokens',
};

// inserts a route: each of its parameters is a segment
const patternOf = (route: string) => new RegExp(`^${route.replace(/\{\w+\}/g, '[^/]+')}$`);
const keyedRoutes = Object.values(keyed).map(patternOf);
const repeatableRoutes = Object.values(repeatable).map(patternOf);

/** Whether the operation takes an Idempotency-Key. @param path over tRPC, e.g. `runs.create` */
export const takesKey = (path: string): boolean => Object.hasOwn(keyed, path);

/** The same for a REST route, e.g. `POST /v1/runs`. */
export const routeTakesKey = (route: string): boolean => keyedRoutes.some((pattern) => pattern.test(route));

/** Whether a call that changes something may be sent again, with the key of the first one if it takes one. */
export const mayRepeat = (path: string): boolean => takesKey(path) || Object.hasOwn(repeatable, path);

export const mayRepeatRoute = (route: string): boolean =>
  routeTakesKey(route) || repeatableRoutes.some((pattern) => pattern.test(route));
