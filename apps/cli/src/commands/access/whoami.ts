import type { Session } from '@errand/contracts';
import { scopeLabels } from '@errand/contracts/labels';
import type { AddCommand } from '../command.ts';

export const addWhoami: AddCommand = (program, cli) => {
  program
    .command('whoami')
    .description('show the service, the key and its scopes')
    .action(
      cli.action(async () => {
        const { client, target } = cli.service();
        const session = await client.session.get.query({});
        cli.output.answer(
          { url: target.url, profile: target.name, ...session },
          { text: (answer) => linesOf(answer), ids: ({ caller }) => [caller.id] },
        );
      }),
    );
};

function linesOf({ url, profile, caller, workspace, scopes, version }: Session & { url: string; profile: string }) {
  return [
    `${caller.label} (${caller.type === 'api_key' ? 'API key' : caller.type})`,
    `service    ${url}, version ${version}`,
    `profile    ${profile}`,
    ...(workspace ? [`workspace  ${workspace.name} (${workspace.workspaceId})`] : []),
    ...scopes.map(
      (scope, i) =>
        `${i === 0 ? 'may      ' : '         '}  ${scopeLabels[scope as keyof typeof scopeLabels] ?? scope}`,
    ),
  ];
}
