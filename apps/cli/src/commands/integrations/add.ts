import type { Command } from 'commander';
import type { Cli } from '../../cli/cli.ts';
import { usageFailure } from '../../outcome/failure.ts';
import { readSecret } from '../../terminal/ask.ts';
import { collect, pairs, readText } from '../options.ts';
import { printIntegration } from './print.ts';

type AddFlags = {
  name?: string;
  id?: string;
  mcp?: boolean;
  catalog?: boolean;
  token?: boolean;
  header?: string;
  baseUrl?: string;
  enable?: string;
  variable?: string[];
  trustHints?: boolean;
};

const GROUPS = ['all', 'reads', 'none', 'recommended'] as const;

export function addAdd(group: Command, cli: Cli): void {
  group
    .command('add')
    .summary('register a service')
    .description(
      'Registers a service by the URL of its OpenAPI document, a file with it, the address of an MCP server (--mcp), or its id in the catalogue (--catalog). A token is read from stdin, or asked for; it is never an argument.',
    )
    .argument('<source>', 'a URL, a file, - for stdin, or with --catalog an id such as zendesk')
    .option('--name <name>', 'its name; that of the document by default')
    .option('--id <id>', 'its id; made from the name by default')
    .option('--mcp', 'the URL is the address of an MCP server')
    .option('--catalog', 'the source is the id of a service of the catalogue')
    .option('--token', 'a token for all users, from stdin or a prompt')
    .option('--base-url <url>', 'where calls go, instead of the servers of the document')
    .option('--enable <tools>', `${GROUPS.join(', ')}, or operations separated by commas`)
    .option('--variable <name=value>', 'the value of a variable that is no secret', collect)
    .option('--trust-hints', 'with --mcp: trust the readOnlyHint of its tools')
    .action(cli.action((source: string, flags: AddFlags) => add(source, flags, cli)));
}

async function add(source: string, flags: AddFlags, cli: Cli): Promise<void> {
  const { client } = cli.service();
  if (flags.token && source === '-')
    throw usageFailure('Both the document and the token would come from stdin.', 'Give the document as a file.');
  const origin = await originOf(source, flags, cli);
  const token = flags.token ? await readSecret(cli.terminal, 'The token of the service') : undefined;
  const integration = await client.integrations.create.mutate({
    ...origin,
    ...(flags.id !== undefined && { customerIntegrationId: flags.id }),
    ...(flags.baseUrl !== undefined && { baseUrl: flags.baseUrl }),
    ...(flags.enable !== undefined && { enable: enableOf(flags.enable) }),
    ...(flags.variable && { variables: pairs('--variable', flags.variable) as never }),
    ...(flags.trustHints && { trustHints: true }),
    ...(token !== undefined && { auth: flags.catalog ? { token } : { type: 'API_TOKEN', token } }),
  });
  printIntegration(integration, cli);
}

async function originOf(source: string, { mcp, catalog, name }: AddFlags, cli: Cli) {
  if (catalog) return { catalog: source, ...(name !== undefined && { name }) };
  if (/^https?:\/\//i.test(source)) {
    const kind = mcp ? ('mcp' as const) : ('openapi' as const);
    return { url: source, kind, name: name ?? new URL(source).hostname };
  }
  if (mcp) throw usageFailure(`"${source}" is no address of an MCP server.`, 'Give an http or https URL.');
  const document = await readText(source, cli);
  return { document, name: name ?? titleOf(document, source) };
}

/** The title of a document in JSON; else the name of its file. */
function titleOf(document: string, source: string): string {
  const title = /"title"\s?:\s?"([^"\\]{1,100})"|^ {1,9}title: ?['"]?([^'"\n]{1,100})/m.exec(document);
  const name =
    title?.[1] ??
    title?.[2]?.trim() ??
    source
      .split(/[\\/]/)
      .at(-1)
      ?.replace(/\.\w+$/, '');
  if (!name || (source === '-' && !title)) throw usageFailure('The document has no title.', 'Give a name with --name.');
  return name;
}

function enableOf(text: string) {
  const group = GROUPS.find((each) => each === text);
  return group ?? text.split(',').map((name) => name.trim());
}
