// A service in one process, its workspace, things in it that fields name, and a workspace of another tenant.
import { aPlan, aRun, carryOut, whole } from '../fixtures/builders.ts';
import { APP } from '../fixtures/default-service.ts';
import { type Office, payments, startOffice, startWaiting } from '../fixtures/office.ts';
import { loginLink, newPlatformKey } from '../fixtures/operator.ts';
import type { Stack } from '../fixtures/stack.ts';
import { type Api, type Caller, overRest } from '../fixtures/transports.ts';
import { aPerson } from '../people/person.ts';
import type { Seeds } from './places.ts';

export type World = {
  office: Office<Stack>;
  api: Api;
  /** Headers of the key of the workspace, of an operator's key, and of an operator in the console. */
  headers: Record<'key' | 'platform' | 'person', Record<string, string>>;
  seeds: Seeds;
  /** An errand of another workspace. @returns how it ended */
  look(): Promise<string>;
  close(): Promise<void>;
};

export async function startWorld(allow: readonly string[], env: Record<string, string> = {}): Promise<World> {
  const settings = { ERRAND_RATE_LIMIT: '0', ERRAND_REDIRECT_ORIGINS: APP, ...env };
  const office = await startOffice({ seed: true, allow, env: settings });
  const { stack } = office;
  const api = overRest(stack);
  const person = await aPerson(stack.url, await loginLink(stack));
  const seeds = await seedsOf(api, office);
  const { origin } = new URL(stack.url);
  return {
    office,
    api,
    headers: {
      key: { 'x-api-key': stack.apiKey },
      platform: { 'x-api-key': await newPlatformKey(stack) },
      person: {
        ...{ cookie: person.cookie, 'x-errand-console': person.token, origin },
        'x-errand-workspace': String(seeds.OwnWorkspaceId),
      },
    },
    seeds,
    look: await otherErrand(office, await office.stranger()),
    close: () => office.close(),
  };
}

async function otherErrand(office: Office, caller: Caller): Promise<() => Promise<string>> {
  const api = overRest(caller);
  const { document } = office.stub;
  const { customerIntegrationId: id } = await api.integrations.create({
    name: 'Office',
    kind: 'openapi',
    document,
    auth: { type: 'NONE' },
  });
  const input = aRun({ plan: aPlan(`${id}.look`) });
  return async () => (await carryOut(api, input)).run.status;
}

/** Ids and names by the schema that has them, or by `.field`. */
async function seedsOf(api: Api, office: Office): Promise<Seeds> {
  const { id } = office;
  const tool = `${id}.look`;
  const { run } = await carryOut(api, aRun({ plan: aPlan(tool) }));
  const { runId } = run;
  const { executionPlanId } = whole(await api.runs.get({ runId }));
  const paying = await startWaiting(api, payments(office, [25]));
  const vanish = { goal: 'Vanish', steps: [{ id: 'gone', tool: `${id}.vanish`, args: { body: { name: 'once' } } }] };
  const vanishing = await startWaiting(api, aRun({ plan: vanish }));
  const asking = await startWaiting(
    api,
    aRun({ plan: { goal: 'Ask', steps: [{ id: 'which', tool: 'errand.ask', args: { question: 'Which?' } }] } }),
  );
  await api.actions.keep({ key: 'kept', runId });
  const expiresAt = new Date(Date.now() + 1e9).toISOString();
  const { approvalRuleId } = await api.approvalRules.create({ tool: `${id}.pay`, reason: 'Small.', expiresAt });
  const { scheduleId } = await api.schedules.create({
    name: 'Weekly',
    cron: '0 9 * * 1',
    timeZone: 'Europe/Berlin',
    run: aRun({ plan: aPlan(tool) }),
  });
  const { webhookId } = await api.webhooks.create({ url: `${office.stub.origin}/hook`, events: ['webhook.disabled'] });
  const { deliveryId } = await api.webhooks.test({ webhookId });
  const { apiKeyId } = await api.apiKeys.create({ name: 'other', scopes: ['runs:read'] });
  const { fingerprint } = await api.integrations.toolChange({ customerIntegrationId: id, tool });
  const [workspace] = [(await api.session.get({})).workspaces?.[0]];
  return {
    ...{ RunId: runId, ExecutionPlanId: executionPlanId, ToolCallId: 'only', StepId: 'only', ActionKey: 'kept' },
    ...{
      ApprovalId: paying.waitingOn[0]!.approvalId,
      EffectId: vanishing.waitingOn[0]!.effectId,
      QuestionId: asking.waitingOn[0]!.requestId,
    },
    ...{
      ApprovalRuleId: approvalRuleId,
      ScheduleId: scheduleId,
      WebhookId: webhookId,
      DeliveryId: deliveryId,
      ApiKeyId: apiKeyId,
    },
    ...{ CustomerIntegrationId: id, ToolName: tool, UserId: 'user-123', OwnWorkspaceId: workspace?.workspaceId },
    ...{
      '.fingerprint': fingerprint,
      '.document': office.stub.document,
      '.selectedCustomerIntegrationIds': [id],
      '.expiresAt': expiresAt,
    },
    ...{ '.mode': 'same_plan', '.plan': aPlan(tool), '.cron': '0 9 * * 1', '.url': `${office.stub.origin}/hook` },
  };
}
