import { userInfo } from 'node:os';
import { withoutTrailing } from '@errand/basics/text-end';
import { usageFailure } from '../../outcome/failure.ts';
import type { AddCommand } from '../command.ts';

const CLIENTS = ['claude-code', 'cursor', 'vscode'] as const;
type McpClient = (typeof CLIENTS)[number];

export const addMcp: AddCommand = (program, cli) => {
  program
    .command('mcp')
    .summary('print how an agent connects to Errand')
    .description(
      'Prints the configuration with which an agent uses Errand as an MCP server. It has the name of a variable in place of the key.',
    )
    .argument('[client]', CLIENTS.join(', '), 'claude-code')
    .option('-u, --user <id>', 'the user for whom the agent acts; your account on this machine by default')
    .option('--variable <name>', 'the variable that has the key', 'ERRAND_API_KEY')
    .action(
      cli.action(async (name: string, { user, variable }: { user?: string; variable: string }) => {
        const client = CLIENTS.find((each) => each === name);
        if (!client)
          throw usageFailure(`"${name}" is no agent that this command knows.`, `Agents: ${CLIENTS.join(', ')}.`);
        if (!/^[A-Za-z_]\w*$/.test(variable)) throw usageFailure(`"${variable}" is no name of a variable.`);
        const url = `${withoutTrailing(cli.service().target.url, '/')}/mcp`;
        const { file, text, hint } = configurationOf(client, { url, user: user ?? userInfo().username, variable });
        cli.output.answer({ client, url, file, configuration: text }, { text: () => [text] });
        cli.output.say(
          `${file}${hint} Make a key for the agent: errand keys create agent --scope runs:read --scope runs:write`,
        );
      }),
    );
};

type Facts = { url: string; user: string; variable: string };

function configurationOf(
  client: McpClient,
  { url, user, variable }: Facts,
): { file: string; text: string; hint: string } {
  const hint = ` Set ${variable} in the environment of the agent.`;
  const headers = (reference: string) => ({ 'x-api-key': reference, 'x-user-id': user });
  const json = (value: object) => JSON.stringify(value, undefined, 2);
  if (client === 'claude-code') {
    const errand = { type: 'http', url, headers: headers(`\${${variable}}`) };
    return { file: 'Put it into .mcp.json of the project.', text: json({ mcpServers: { errand } }), hint };
  }
  if (client === 'cursor') {
    const errand = { url, headers: headers(`\${env:${variable}}`) };
    return { file: 'Put it into .cursor/mcp.json.', text: json({ mcpServers: { errand } }), hint };
  }
  const errand = { type: 'http', url, headers: headers(`\${env:${variable}}`) };
  return { file: 'Put it into .vscode/mcp.json.', text: json({ servers: { errand } }), hint };
}
