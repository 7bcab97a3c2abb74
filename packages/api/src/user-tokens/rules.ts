// The rule of each operation that user tokens may call: it confines the input to the user, the runs and the integrations of the token.
import {
  type contract,
  type DecideApprovalInput,
  problem,
  type UserOperation,
  type UserTokenPrincipal,
} from '@errand/contracts';
import type { RunOwner } from '@errand/db';
import type { Context } from '../context.ts';

/** The context of a call by a user token. */
export type TokenContext = Omit<Context, 'principal'> & { readonly principal: UserTokenPrincipal };

type Contract = typeof contract;
type InputOf<Name extends string> = Name extends `${infer Group extends keyof Contract & string}.${infer Key}`
  ? Key extends keyof Contract[Group]
    ? Contract[Group][Key] extends { input: { _zod: { output: infer Input } } }
      ? Input
      : never
    : never
  : never;

/**
 * Returns the input for the handler. What lies beyond the token is replaced by an id that does not exist, so that the handler answers
 * exactly as for an unknown one.
 * @param raw the input as the caller sent it, without defaults
 * @throws ProblemError beyond_user_token, insufficient_ability
 */
type Rule<Input> = (ctx: TokenContext, input: Input, raw: object) => Input | Promise<Input>;

/** Ids of no run, plan, decision request or integration. */
const NO_ID = '00000000-0000-0000-0000-000000000000';
const NO_INTEGRATION = ' ';

/** Whether a run lies within a token. */
export function isWithin({ userId, grant }: UserTokenPrincipal, run: RunOwner): boolean {
  const only = onlyIntegrations(grant.integrations);
  return (
    run.userId === userId &&
    (grant.runIds === undefined || grant.runIds.includes(run.runId)) &&
    (only === undefined || run.selected.every((id) => only.includes(id)))
  );
}

const onlyIntegrations = (integrations: readonly string[] | undefined): readonly string[] | undefined =>
  integrations?.[0] === '*' ? undefined : integrations;

/** @param fields that the token does not allow, as JSON pointers */
const beyondToken = (fields: readonly string[], message: string) =>
  problem('beyond_user_token', `${message}: ${fields.map((field) => field.slice(1)).join(', ')}.`, {
    errors: fields.map((pointer) => ({ pointer, message })),
  });

const notAllowed = (...fields: string[]) => beyondToken(fields, 'A user token may not send these fields');
const otherUser = (field: string) => beyondToken([field], 'A user token acts for its own user alone');

/** @throws ProblemError beyond_user_token if any of these fields is set */
function refuseFields(input: object, names: readonly string[]): void {
  const set = names.filter((name) => (input as Record<string, unknown>)[name] !== undefined);
  if (set.length > 0) throw notAllowed(...set.map((name) => `/${name}`));
}

type Owners = Context['workspaceDb']['runOwners'];

/** The rule of operations on one thing of a run. @param field with its id */
const onThing =
  <Field extends string>(field: Field, ownerOf: (owners: Owners, id: string) => Promise<RunOwner | null>) =>
  async <Input extends { [Key in Field]: string }>({ principal, workspaceDb }: TokenContext, input: Input) => {
    const owner = await ownerOf(workspaceDb.runOwners, input[field]);
    return !owner || isWithin(principal, owner) ? input : { ...input, [field]: NO_ID };
  };

const onRun = onThing('runId', (owners, runId) => owners.ofRun(runId));
const onPlan = onThing('executionPlanId', (owners, planId) => owners.ofPlan(planId));
const onApproval = onThing('approvalId', (owners, requestId) => owners.ofRequest(requestId));
const onQuestion = onThing('requestId', (owners, requestId) => owners.ofRequest(requestId));

/** The filters of a list that shows only what lies within the token. */
function boundsOf(
  { userId, grant }: UserTokenPrincipal,
  sent: { userId?: string | undefined; runIds?: string[] | undefined },
) {
  const only = onlyIntegrations(grant.integrations);
  const within =
    grant.runIds && (sent.runIds?.filter((id) => grant.runIds!.includes(id.toLowerCase())) ?? grant.runIds);
  // Another user has no runs here.
  const runIds = sent.userId !== undefined && sent.userId !== userId ? [] : (within ?? sent.runIds);
  return { userId, ...(runIds && { runIds }), ...(only && { onlyIntegrations: only }) };
}

/** @throws ProblemError beyond_user_token, insufficient_ability */
function checkDecision({ principal }: TokenContext, { always, args }: DecideApprovalInput, pointer = ''): void {
  if (always) throw notAllowed(`${pointer}/always`);
  if (args && !principal.grant.can.includes('edit'))
    throw problem('insufficient_ability', 'Changed arguments need the ability edit.', {
      errors: [{ pointer: `${pointer}/args`, message: 'Needs the ability edit.' }],
    });
}

const CREATE_FIELDS = [
  'intent',
  'context',
  'selectedCustomerIntegrationIds',
  'userId',
  'user',
  'redirectUri',
  'idempotencyKey',
  'prefer',
];

const createRun: Rule<InputOf<'runs.create'>> = ({ principal }, input, raw) => {
  const others = Object.keys(raw).filter((name) => !CREATE_FIELDS.includes(name));
  if (others.length > 0) throw notAllowed(...others.map((name) => `/${name}`));
  if (input.userId !== principal.userId) throw otherUser('/userId');
  const { integrations = [], run = {} } = principal.grant;
  const only = onlyIntegrations(integrations);
  if (only && !input.selectedCustomerIntegrationIds.every((id) => only.includes(id)))
    throw beyondToken(['/selectedCustomerIntegrationIds'], 'The token allows fewer integrations');
  return { ...input, ...run };
};

/** Complete at compile time: an operation with an ability and without a rule does not compile. */
export const rules: { readonly [Name in UserOperation]: Rule<InputOf<Name>> } = {
  'runs.get': onRun,
  'runs.stream': onRun,
  'runs.events': onRun,
  'runs.toolCall': onRun,
  'runs.cancel': onRun,
  'runs.list': ({ principal }, input) => {
    refuseFields(input, ['requestedBy']);
    return { ...input, ...boundsOf(principal, input) };
  },
  'executionPlans.get': onPlan,
  // Other orders search the requests of all users, so their cursors could name one of them.
  'pending.list': ({ principal }, input, raw) => {
    refuseFields(raw, ['q', 'sort', 'state']);
    return { ...input, ...boundsOf(principal, { userId: input.userId }) };
  },
  'pending.watch': ({ principal }, input) => ({ ...input, ...boundsOf(principal, { userId: input.userId }) }),
  'pending.decide': (ctx, input) => {
    if (input.effects.length > 0) throw notAllowed('/effects');
    refuseFields(input, ['matching']);
    for (const [index, decision] of input.decisions.entries()) checkDecision(ctx, decision, `/decisions/${index}`);
    return input;
  },
  'approvals.get': onApproval,
  'approvals.decide': (ctx, input) => {
    checkDecision(ctx, input);
    return input;
  },
  'questions.answer': onQuestion,
  'inputs.answer': onQuestion,
  'integrations.authUrl': ({ principal }, input) => {
    if (input.userId !== principal.userId) throw otherUser('/userId');
    const only = onlyIntegrations(principal.grant.integrations);
    const isAllowed = !only || only.includes(input.customerIntegrationId);
    return isAllowed ? input : { ...input, customerIntegrationId: NO_INTEGRATION };
  },
  'runs.create': createRun,
  'feedback.put': (ctx, input) => {
    const { type = 'user', userId = ctx.principal.userId } = input.source ?? {};
    if (type !== 'user') throw notAllowed('/source/type');
    if (userId !== ctx.principal.userId) throw otherUser('/source/userId');
    return onRun(ctx, input);
  },
};

/** The decision itself if it is about a run within the token, else about no approval. */
export const ownDecision = (ctx: TokenContext, decision: DecideApprovalInput): Promise<DecideApprovalInput> =>
  onApproval(ctx, decision);
