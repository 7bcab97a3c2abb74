import { createHash } from 'node:crypto';
import type { AuditChain, AuditEntry } from '@errand/contracts';
import { CHAIN_START, type ChainFault, faultsOfLinks } from '@errand/contracts/audit-chain';
import { auditActions } from '@errand/contracts/labels';
import type { Cli } from '../../cli/cli.ts';
import { type ExitCode, exitCodes } from '../../outcome/exit-codes.ts';
import { localTime } from '../../terminal/times.ts';
import type { AddCommand } from '../command.ts';
import { printList } from '../list.ts';
import { choice, moment, wholeNumber } from '../options.ts';

type AuditFlags = {
  action?: AuditEntry['action'];
  run?: string;
  target?: string;
  since?: string;
  limit: number;
  verify?: boolean;
};

export const addAudit: AddCommand = (program, cli) => {
  program
    .command('audit')
    .description('read the audit log, newest first, or verify it')
    .option('--action <action>', 'only this action, e.g. credential.stored', choice('--action', auditActions))
    .option('--run <run>', 'only actions of this run')
    .option('--target <id>', 'only actions on this target')
    .option('--since <time>', 'entries since 24h, 7d, or a time', moment('--since'))
    .option('-n, --limit <entries>', 'the most entries', wholeNumber('--limit', { max: 100_000 }), 50)
    .option('--verify', 'verify the chain of hashes over the whole log')
    .action(cli.action((flags: AuditFlags) => (flags.verify ? verify(cli) : list(flags, cli))));
};

async function list({ action, run, target, since, limit }: AuditFlags, cli: Cli): Promise<undefined> {
  const { client } = cli.service();
  const filter = {
    ...(action && { action }),
    ...(run !== undefined && { runId: cli.recent().resolve(run) }),
    ...(target !== undefined && { target }),
    ...(since && { from: since }),
  };
  await printList(
    {
      read: (page) => client.audit.list.query({ ...filter, ...page }),
      limit,
      name: 'entries',
      idOf: ({ auditId }) => auditId,
      columns: () => [
        { title: 'time', text: ({ at }) => localTime(at) },
        { title: 'actor', text: ({ actor }) => `${actor.label} (${actor.type})`, shrinksTo: 10 },
        { title: 'action', text: (entry) => entry.action },
        { title: 'target', text: (entry) => entry.target, shrinksTo: 12 },
        { title: 'seal', text: ({ seal }) => seal && `${seal.seq}`, align: 'right' },
        {
          title: 'details',
          text: ({ details }) => (Object.keys(details).length > 0 ? JSON.stringify(details) : ''),
          shrinksTo: 8,
          isExtra: true,
        },
      ],
      none: 'There are no such entries.',
    },
    cli,
  );
}

const PAGE_SIZE = 1000;
const MAX_FAULTS = 100;

async function verify(cli: Cli): Promise<ExitCode> {
  const { client } = cli.service();
  const digest = (text: string) => createHash('sha256').update(text).digest('hex');
  const faults: ChainFault[] = [];
  let position = CHAIN_START;
  let head: AuditChain['head'] = CHAIN_START;
  do {
    const page = await client.audit.chain.query({ afterSeq: position.seq, pageSize: PAGE_SIZE });
    faults.push(...(await faultsOfLinks(page, position, digest)));
    head = page.head;
    const last = page.links.at(-1);
    if (!last) break;
    position = { seq: last.seq, hash: last.hash };
  } while (position.seq < head.seq && faults.length < MAX_FAULTS);
  if (position.seq < head.seq && faults.length < MAX_FAULTS) faults.push({ seq: head.seq, auditId: '', fault: 'gap' });
  cli.output.answer(
    { verified: position.seq, head, faults: faults.slice(0, MAX_FAULTS) },
    {
      text: (answer) =>
        answer.faults.length === 0
          ? [`The ${answer.verified} sealed entries are unchanged. Head: ${answer.head.hash}`]
          : answer.faults.map(({ seq, auditId, fault }) => `entry ${seq} ${auditId}: ${fault}`),
    },
  );
  return faults.length === 0 ? exitCodes.success : exitCodes.error;
}
