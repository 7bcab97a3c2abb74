import type { ApiKey, Scope } from '@errand/contracts';
import { scopeLabels } from '@errand/contracts/labels';
import type { Command } from 'commander';
import type { Cli } from '../../cli/cli.ts';
import { usageFailure } from '../../outcome/failure.ts';
import { ago } from '../../terminal/times.ts';
import type { AddCommand } from '../command.ts';
import { idIn } from '../ids.ts';
import { printList } from '../list.ts';
import { choice, moment, wholeNumber } from '../options.ts';

const scopes = Object.keys(scopeLabels) as [Scope, ...Scope[]];
const ID = ['<key>', 'its id (not the key itself) or a part of it'] as const;

export const addKeys: AddCommand = (program, cli) => {
  const group = program.command('keys').description('API keys of the workspace');
  group
    .command('list', { isDefault: true })
    .description('list API keys')
    .option('--all', 'also revoked and expired ones')
    .action(cli.action(({ all }: { all?: boolean }) => list(all ?? false, cli)));
  addCreate(group, cli);
  group
    .command('rotate')
    .description('replace a key by a new one, which is printed once')
    .argument(...ID)
    .option(
      '--overlap <seconds>',
      'how long the old key stays valid; a day by default',
      wholeNumber('--overlap', { min: 0, max: 2_592_000 }),
    )
    .action(
      cli.action(async (text: string, { overlap }: { overlap?: number }) => {
        const apiKeyId = idOfKey(text, cli);
        const created = await cli
          .service()
          .client.apiKeys.rotate.mutate({ apiKeyId, ...(overlap !== undefined && { overlapSeconds: overlap }) });
        print(created, cli);
      }),
    );
  group
    .command('revoke')
    .description('end a key at once')
    .argument(...ID)
    .action(
      cli.action(async (text: string) => {
        const apiKeyId = idOfKey(text, cli);
        await cli.service().client.apiKeys.revoke.mutate({ apiKeyId });
        cli.output.say(`The key ${apiKeyId} is revoked.`);
      }),
    );
};

/** A key in place of its id would be in the history of the shell. */
function idOfKey(text: string, cli: Cli): string {
  if (!text.startsWith('er_')) return cli.recent().resolve(text);
  throw usageFailure(
    'This is a key, not the id of one. Other users of this machine can read arguments.',
    'Revoke this key. errand keys lists the ids.',
  );
}

function list(all: boolean, cli: Cli) {
  const { client } = cli.service();
  return printList(
    {
      read: (page) => client.apiKeys.list.query({ ...(all ? {} : { active: true }), ...page }),
      limit: 1000,
      name: 'apiKeys',
      idOf: ({ apiKeyId }) => apiKeyId,
      columns: (view) => [
        { title: 'key', text: ({ apiKeyId }) => idIn(view)(apiKeyId) },
        { title: 'name', text: ({ name }) => name, shrinksTo: 10, paint: () => view.colors.bold },
        { title: 'ends with', text: ({ last4 }) => `…${last4}` },
        { title: 'scopes', text: (key) => key.scopes.join(' '), shrinksTo: 10 },
        {
          title: 'last used',
          text: ({ lastUsedAt }) => (lastUsedAt ? ago(lastUsedAt, view.now) : 'never'),
          align: 'right',
        },
        { title: 'state', text: (key) => stateOf(key, view.now) },
      ],
      none: 'There are no keys.',
    },
    cli,
  );
}

function stateOf({ revokedAt, expiresAt }: ApiKey, now: number): string {
  if (revokedAt && Date.parse(revokedAt) <= now) return 'revoked';
  return expiresAt ? `expires ${ago(expiresAt, now)}` : 'valid';
}

function addCreate(group: Command, cli: Cli): void {
  const scope = choice('--scope', scopes);
  group
    .command('create')
    .description('make a key; it is printed once')
    .argument('<name>', 'its purpose')
    .requiredOption(
      '-s, --scope <scope>',
      `${scopes.join(', ')}; may be repeated`,
      (text: string, list: Scope[] = []) => [...list, scope(text)],
    )
    .option('--product <name>', 'the product that uses it')
    .option('--expires <time>', 'when it expires, e.g. 2027-01-31', moment('--expires'))
    .action(
      cli.action(async (name: string, flags: { scope: Scope[]; product?: string; expires?: string }) => {
        const created = await cli.service().client.apiKeys.create.mutate({
          name,
          scopes: flags.scope,
          ...(flags.product !== undefined && { product: flags.product }),
          ...(flags.expires && { expiresAt: flags.expires }),
        });
        print(created, cli);
      }),
    );
}

function print(created: ApiKey & { key: string }, cli: Cli): void {
  cli.recent().remember([created.apiKeyId]);
  cli.output.answer(created, { text: ({ key }) => [key], ids: ({ apiKeyId }) => [apiKeyId] });
  cli.output.say(`The key ${created.name} (${created.apiKeyId}) is shown this once. Store it as a secret.`);
}
