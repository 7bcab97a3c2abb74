import { timeLimit } from '@errand/basics/time-limit';
import { type Client, createClient, problemOf } from '@errand/client';
import type { IntegrationHealth } from '@errand/contracts';
import { type Finding, failed, ok, skipped, warning } from '@errand/server/finding';
import { findingsOfStatus, migrationsFinding, modelFinding } from '@errand/server/findings';
import { retentionFinding } from '@errand/server/retention-finding';
import type { Target } from '../service/target.ts';

const ANSWER_MS = 5000;
const PLATFORM_PREFIX = 'er_platform_';

export type ServiceFindings = { answers: boolean; findings: Finding[] };

/** Asks a service for its state: of the instance with the platform key, and of the workspace with a key of a workspace. */
export async function examineService(target: Target): Promise<ServiceFindings> {
  const { url, apiKey } = target;
  try {
    const client = createClient({ url, apiKey, retry: false });
    const findings = apiKey.startsWith(PLATFORM_PREFIX)
      ? await instanceFindings(client, url)
      : await workspaceFindings(client, url);
    return { answers: true, findings };
  } catch (error) {
    return { answers: problemOf(error) !== undefined, findings: [failureOf(error, target)] };
  }
}

const limited = () => ({ signal: timeLimit(ANSWER_MS) });

async function instanceFindings({ system }: Client, url: string): Promise<Finding[]> {
  const status = await system.status.query({}, limited());
  return [
    ok('service', `Version ${status.version} answers at ${url}, on Node ${status.nodeVersion}.`),
    migrationsFinding(status.migrations),
    ...findingsOfStatus(status),
    retentionFinding(status.retention),
    modelFinding(status.model),
  ];
}

async function workspaceFindings({ session, workspace }: Client, url: string): Promise<Finding[]> {
  const { version, scopes } = await session.get.query({}, limited());
  const answers = ok('service', `Version ${version} answers at ${url}.`);
  if (!scopes.includes('admin')) return [answers, skipped('integrations', 'The key has no scope admin')];
  const { integrations } = await workspace.status.query({}, limited());
  const { total, withFaults, faulty } = integrations;
  if (withFaults === 0)
    return [answers, ok('integrations', `No integration of the workspace has a fault, of ${total}.`)];
  const more = withFaults - faulty.length;
  return [
    answers,
    ...faulty.map(integrationFinding),
    ...(more > 0 ? [warning('integrations', `${more} more have faults.`)] : []),
  ];
}

type Fault = IntegrationHealth['faults'][number];

/** What is wrong with an integration, and what to do. */
const faultTexts: Readonly<Record<Fault, { text: string; remedy: string; isBroken?: true }>> = {
  needs_review: { text: 'its tools changed', remedy: 'Review them.' },
  tools_not_read: { text: 'the last reads of its tools failed', remedy: 'Check its server.', isBroken: true },
  token_rejected: { text: 'it refuses the token of the workspace', remedy: 'Store a new one.', isBroken: true },
  token_origin_changed: {
    text: 'its token is not sent to its new origin',
    remedy: 'Store the token again.',
    isBroken: true,
  },
  base_url_pending: { text: 'its new base URL is not confirmed', remedy: 'Confirm it.' },
  issuer_pending: { text: 'its new issuer is not confirmed', remedy: 'Confirm it.' },
  users_must_reconnect: { text: 'users must connect their accounts again', remedy: 'Send them links.' },
  failing: { text: 'its calls fail', remedy: 'Look at its last errors.', isBroken: true },
};

function integrationFinding({ name, faults }: IntegrationHealth): Finding {
  const known = faults.flatMap((fault) => faultTexts[fault] ?? []);
  const finding = known.some(({ isBroken }) => isBroken) ? failed : warning;
  const texts = known.map(({ text }) => text).join(', ');
  return finding('integrations', `${name}: ${texts}.`, known.map(({ remedy }) => remedy).join(' '));
}

function failureOf(error: unknown, { url, source }: Target): Finding {
  const problem = problemOf(error);
  if (problem?.status === 401 || problem?.status === 403)
    return failed('service', `${url} refuses the key: ${problem.detail ?? problem.title}`, 'Run errand login again.');
  if (problem)
    return failed('service', `${url} answers ${problem.status}: ${problem.detail ?? problem.title}`, problem.remedy);
  const text = `No service answers at ${url}: ${reasonOf(error)}.`;
  // A service that was stopped on purpose is not broken.
  if (source === 'data folder') return warning('service', text, 'Start it with errand up.');
  return failed('service', text, 'Start it, or correct the URL.');
}

function reasonOf(error: unknown): string {
  let innermost = error;
  while (innermost instanceof Error && innermost.cause instanceof Error) innermost = innermost.cause;
  const { code, name, message } = innermost as NodeJS.ErrnoException;
  return name === 'TimeoutError' || name === 'AbortError'
    ? `no answer within ${ANSWER_MS / 1000} s`
    : (code ?? message);
}
