import type { ListedTool } from '@errand/contracts';
import type { Command } from 'commander';
import type { Cli } from '../../cli/cli.ts';
import { usageFailure } from '../../outcome/failure.ts';
import { findIntegration } from '../../service/find-integration.ts';
import { readItems } from '../../service/read-items.ts';
import { type Column, table } from '../../terminal/table.ts';
import type { View } from '../../terminal/view.ts';
import { collect } from '../options.ts';

type ToolsFlags = { enable?: string[]; disable?: string[]; enabled?: boolean };

const MAX_TOOLS = 5000;
const GROUPS: readonly string[] = ['all', 'reads', 'none'];

export function addTools(group: Command, cli: Cli): void {
  group
    .command('tools')
    .summary('list or choose the tools of an integration')
    .description(
      'Lists the tools of an integration, or enables and disables some of them. Runs can neither see nor call the others.',
    )
    .argument('<integration>', 'its id or name')
    .option('--enable <tool>', 'an operation, or all, reads or none for the whole list; may be repeated', collect)
    .option('--disable <tool>', 'an operation; may be repeated', collect)
    .option('--enabled', 'list only enabled tools')
    .action(cli.action((text: string, flags: ToolsFlags) => tools(text, flags, cli)));
}

async function tools(text: string, flags: ToolsFlags, cli: Cli): Promise<void> {
  const service = cli.service();
  const { customerIntegrationId } = await findIntegration(text, service);
  const list = await readTools(customerIntegrationId, cli);
  const enabled = enabledAfter(list, flags);
  if (enabled !== undefined) await service.client.integrations.setTools.mutate({ customerIntegrationId, enabled });
  const answer = { tools: enabled === undefined ? list : await readTools(customerIntegrationId, cli) };
  if (flags.enabled) answer.tools = answer.tools.filter((tool) => tool.enabled);
  cli.output.answer(answer, {
    text: (shown, view) => (shown.tools.length === 0 ? [] : table(shown.tools, columnsOf(view), view)),
    ids: (shown) => shown.tools.map(({ name }) => name),
    items: (shown) => shown.tools,
  });
}

function readTools(customerIntegrationId: string, cli: Cli): Promise<ListedTool[]> {
  const { client } = cli.service();
  return readItems((page) => client.integrations.tools.query({ customerIntegrationId, ...page }), MAX_TOOLS);
}

/** @returns the whole list of enabled tools, or its group; undefined without a change */
function enabledAfter(list: readonly ListedTool[], { enable = [], disable = [] }: ToolsFlags) {
  if (enable.length + disable.length === 0) return undefined;
  const group = enable.find((text) => GROUPS.includes(text)) as 'all' | 'reads' | 'none' | undefined;
  if (group && enable.length + disable.length > 1)
    throw usageFailure(`--enable ${group} sets the whole list.`, 'Give it alone.');
  if (group) return group;
  const nameOf = (text: string): string => {
    const tool = list.find(({ name }) => name === text || operationOf(name) === text);
    if (tool) return tool.name;
    throw usageFailure(`There is no tool "${text}".`, 'errand integrations tools lists them.');
  };
  const off = new Set(disable.map(nameOf));
  const on = list.filter((tool) => tool.enabled).map(({ name }) => name);
  return [...new Set([...on, ...enable.map(nameOf)])].filter((name) => !off.has(name));
}

const operationOf = (name: string): string => name.slice(name.indexOf('.') + 1);

const columnsOf = (view: View): Column<ListedTool>[] => [
  { title: 'tool', text: ({ name }) => operationOf(name), shrinksTo: 16 },
  {
    title: 'enabled',
    text: ({ enabled }) => (enabled ? 'yes' : 'no'),
    paint: ({ enabled }) => (enabled ? view.colors.green : view.colors.dim),
  },
  {
    title: 'effect',
    text: ({ effect }) => effect,
    paint: ({ effect }) => (effect === 'write' ? view.colors.yellow : String),
  },
  { title: 'title', text: ({ title, description }) => title ?? description, shrinksTo: 12 },
];
