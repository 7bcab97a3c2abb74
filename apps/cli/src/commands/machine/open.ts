import { withoutTrailing } from '@errand/basics/text-end';
import { openPage } from '../../terminal/open-page.ts';
import type { AddCommand } from '../command.ts';

const PAGES: Readonly<Record<string, string>> = {
  runs: '/console/runs',
  inbox: '/console/inbox',
  integrations: '/console/integrations',
  docs: '/docs',
};

export const addOpen: AddCommand = (program, cli) => {
  program
    .command('open')
    .summary('open the console, or a run in it')
    .description(
      'Prints the address of a page of the console and opens it in your browser. People sign in there with a link or an identity provider.',
    )
    .argument('[page]', 'runs, inbox, integrations, docs, or a run: its id, a part of it, or @last')
    .option('--no-open', 'only print the address')
    .action(
      cli.action(async (page: string | undefined, { open }: { open: boolean }) => {
        const base = withoutTrailing(cli.service().target.url, '/');
        const path = page === undefined ? '/console' : (PAGES[page] ?? `/console/runs/${cli.recent().resolve(page)}`);
        const url = base + path;
        cli.output.answer({ url }, { text: () => [url], ids: () => [url] });
        if (open && cli.terminal.isInteractive) openPage(url, cli.env);
      }),
    );
};
