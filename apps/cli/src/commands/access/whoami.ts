import { scopeLabels } from '@errand/contracts/labels';
import { type CallerFacts, readCaller } from '../../service/caller.ts';
import type { AddCommand } from '../command.ts';

export const addWhoami: AddCommand = (program, cli) => {
  program
    .command('whoami')
    .description('show the service, the key and its scopes')
    .action(
      cli.action(async () => {
        const { client, target } = cli.service();
        const session = await readCaller(client);
        cli.output.answer(
          { url: target.url, profile: target.name, ...session },
          { text: (answer) => linesOf(answer), ids: ({ caller }) => [caller.id] },
        );
      }),
    );
};

function linesOf({
  url,
  profile,
  caller,
  workspace,
  scopes = [],
  version,
}: CallerFacts & { url: string; profile: string }) {
  return [
    `${caller.label} (${caller.type === 'api_key' ? 'API key' : caller.type})`,
    `service    ${url}${version ? `, version ${version}` : ''}`,
    `profile    ${profile}`,
    ...(workspace ? [`workspace  ${workspace.name} (${workspace.workspaceId})`] : []),
    ...scopes.map(
      (scope, i) =>
        `${i === 0 ? 'may      ' : '         '}  ${scopeLabels[scope as keyof typeof scopeLabels] ?? scope}`,
    ),
  ];
}
