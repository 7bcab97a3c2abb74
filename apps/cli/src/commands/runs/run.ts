import { userInfo } from 'node:os';
import type { ApprovalStrategy, Preflight, Run } from '@errand/contracts';
import { approvalStrategyLabels } from '@errand/contracts/labels';
import type { Cli } from '../../cli/cli.ts';
import { shortId } from '../../decisions/entry.ts';
import { type FollowOptions, followRun } from '../../follow/follow-run.ts';
import { type ExitCode, exitCodes } from '../../outcome/exit-codes.ts';
import { usageFailure } from '../../outcome/failure.ts';
import { findIntegration } from '../../service/find-integration.ts';
import { counted } from '../../terminal/counted.ts';
import type { View } from '../../terminal/view.ts';
import { oneLine } from '../../terminal/visible.ts';
import { indented, wrap } from '../../terminal/width.ts';
import type { AddCommand } from '../command.ts';
import { choice, collect, moment, pairs, readJson, readText, wholeNumber } from '../options.ts';

export const strategies = Object.keys(approvalStrategyLabels) as [ApprovalStrategy, ...ApprovalStrategy[]];

/** Options of commands that follow a run. */
export type FollowFlags = { follow?: boolean; wait?: number | false };

type RunFlags = FollowFlags & {
  integration?: string[];
  user?: string;
  context?: string;
  approve?: ApprovalStrategy;
  schema?: string;
  plan?: string;
  metadata?: string[];
  timeZone?: string;
  startAt?: string;
  idempotencyKey?: string;
  preview?: boolean;
};

export const addRun: AddCommand = (program, cli) => {
  program
    .command('run')
    .summary('carry out an errand')
    .description('Creates a run. With --follow or --wait the exit code is that of its end.')
    .argument('<intent>', 'the goal, in natural language; - reads it from stdin')
    .option('-i, --integration <id|name>', 'an integration that may be used; all by default', collect)
    .option('-u, --user <id>', 'the user for whom it acts; your account on this machine by default')
    .option('--context <text>', 'details that are not in the intent')
    .option('--approve <when>', 'none, on-start, on-write or on-tool-call', choice('--approve', strategies))
    .option('--schema <file>', 'a JSON Schema of the result')
    .option('--plan <file>', 'a plan to execute unchanged')
    .option('--metadata <key=value>', 'a pair that is stored with the run', collect)
    .option('--time-zone <zone>', 'the time zone of the user, e.g. Europe/Berlin')
    .option('--start-at <time>', 'the earliest start', moment('--start-at'))
    .option('--idempotency-key <key>', 'carries the errand out once for each key')
    .option('--preview', 'show the plan, and create nothing')
    .option('-f, --follow', 'show each step until the end; decide requests here')
    .option('--wait <seconds>', 'wait for the end at most so long', wholeNumber('--wait', { max: 86_400 }))
    .option('--no-wait', 'with --follow: end with code 7 once the run waits for a person')
    .action(cli.action((intent: string, flags: RunFlags) => run(intent, flags, cli)));
};

async function run(text: string, flags: RunFlags, cli: Cli): Promise<ExitCode> {
  const intent = text === '-' ? (await readText('-', cli)).trim() : text;
  const service = cli.service();
  const selected = await Promise.all((flags.integration ?? []).map((each) => findIntegration(each, service)));
  const input = {
    intent,
    userId: flags.user ?? accountName(),
    selectedCustomerIntegrationIds:
      selected.length > 0 ? selected.map(({ customerIntegrationId }) => customerIntegrationId) : ['*'],
    ...(flags.context !== undefined && { context: flags.context }),
    ...(flags.approve && { approvalStrategy: flags.approve }),
    ...(flags.schema && { outputSchema: await readJson(flags.schema, cli) }),
    ...(flags.timeZone && { user: { timeZone: flags.timeZone } }),
  };
  if (flags.preview) return preview(await service.client.runs.preflight.mutate(input as never), cli);
  const created = await service.client.runs.create.mutate({
    ...input,
    ...(flags.plan && { plan: await readJson(flags.plan, cli) }),
    ...(flags.metadata && { metadata: pairs('--metadata', flags.metadata) }),
    ...(flags.startAt && { startAt: flags.startAt }),
    ...(flags.idempotencyKey && { idempotencyKey: flags.idempotencyKey }),
  } as never);
  return followCreated(created, flags, cli);
}

/** The user of a run that names none: the account on this machine. */
function accountName(): string {
  try {
    return userInfo().username;
  } catch {
    throw usageFailure('The account has no name on this machine.', 'Give the user with --user.');
  }
}

type CreatedRun = { answer: 'run' | 'handle'; runId: string; status: Run['status'] };

/** Follows a run that a command created, or prints its id. */
export async function followCreated(created: CreatedRun, flags: FollowFlags, cli: Cli): Promise<ExitCode> {
  cli.recent().remember([], created.runId);
  const options = followOptions(flags, cli);
  if (options) {
    if (created.answer === 'handle')
      throw usageFailure(
        `The key may create runs but not read them, so ${created.runId} cannot be followed.`,
        'Use a key with runs:read.',
      );
    return followRun(created as unknown as Run, cli, options);
  }
  cli.output.answer(created, { text: ({ runId }) => [runId], ids: ({ runId }) => [runId] });
  cli.output.say(`Follow it: errand watch ${shortId(created.runId)}`);
  return exitCodes.success;
}

/** @returns how a run is followed; undefined if it is not */
export function followOptions({ follow, wait }: FollowFlags, cli: Cli): FollowOptions | undefined {
  const isTimed = typeof wait === 'number';
  if (!follow && !isTimed) return undefined;
  return {
    stopsWaiting: wait === false,
    ...(isTimed && { timeoutMs: wait * 1000 }),
    showsSteps: follow === true && cli.output.mode !== 'quiet',
  };
}

function preview(preflight: Preflight, cli: Cli): ExitCode {
  cli.output.answer(preflight, { text: previewLines });
  return preflight.plan ? exitCodes.success : exitCodes.noSuccess;
}

function previewLines(
  { words, steps, missingConsents, estimate, problems, planNeedsApproval }: Preflight,
  view: View,
): string[] {
  const { calls, writes, atLeast } = estimate;
  const approvals = steps.filter(({ needsApproval }) => needsApproval).length;
  return [
    ...words.flatMap((line) => wrap(line, view.width)),
    ...(steps.length > 0
      ? ['', `${atLeast ? 'at least ' : ''}${counted(calls, 'call')}, ${counted(writes, 'write')}`]
      : []),
    ...(planNeedsApproval ? ['The plan needs approval.'] : []),
    ...(approvals > 0 ? [`Steps that need approval: ${approvals}`] : []),
    ...missingConsents.map(({ integrationName, customerIntegrationId, userId }) =>
      view.colors.yellow(
        `${oneLine(integrationName)} needs the consent of ${userId}: errand connect ${customerIntegrationId} --user ${userId}`,
      ),
    ),
    ...problems.flatMap(({ code, message }) => indented(`${oneLine(message)} (${code})`, view.width, '! ')),
  ];
}
