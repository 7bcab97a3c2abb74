import { userInfo } from 'node:os';
import type { Cli } from '../../cli/cli.ts';
import { type ExitCode, exitCodes } from '../../outcome/exit-codes.ts';
import { findIntegration } from '../../service/find-integration.ts';
import { readSecret } from '../../terminal/ask.ts';
import { openPage } from '../../terminal/open-page.ts';
import type { AddCommand } from '../command.ts';
import { wholeNumber } from '../options.ts';

type ConnectFlags = { user?: string; name?: string; token?: boolean; open: boolean; wait: boolean; timeout: number };

const POLL_MS = 2000;

export const addConnect: AddCommand = (program, cli) => {
  program
    .command('connect')
    .summary('connect the account of a user at an integration')
    .description(
      'Shows the page on which the user consents, or stores the token of the user, and waits until the user is connected.',
    )
    .argument('<integration>', 'its id or name')
    .option('-u, --user <id>', 'the user; your account on this machine by default')
    .option('--name <name>', 'the name of the user, for the page')
    .option('--token', 'store a token of the user, from stdin or a prompt')
    .option('--no-open', 'do not open the page in a browser')
    .option('--no-wait', 'end once the page is shown')
    .option('--timeout <seconds>', 'end with code 9 after so long', wholeNumber('--timeout', { max: 86_400 }), 600)
    .action(cli.action((text: string, flags: ConnectFlags) => connect(text, flags, cli)));
};

async function connect(text: string, flags: ConnectFlags, cli: Cli): Promise<ExitCode> {
  const service = cli.service();
  const { customerIntegrationId, name } = await findIntegration(text, service);
  const ref = { customerIntegrationId, userId: flags.user ?? userInfo().username };
  const { integrations } = service.client;
  if (flags.token) {
    const apiToken = await readSecret(cli.terminal, `The token of ${ref.userId} at ${name}`);
    const user = await integrations.putCredentials.mutate({ ...ref, apiToken });
    cli.output.answer(user, { text: () => [`${ref.userId} is connected to ${name}.`], ids: ({ userId }) => [userId] });
    return exitCodes.success;
  }
  const page = await integrations.authUrl.mutate({
    ...ref,
    ...(flags.name !== undefined && { user: { name: flags.name } }),
  });
  cli.output.answer(page, { text: ({ authorizeUrl }) => [authorizeUrl], ids: ({ authorizeUrl }) => [authorizeUrl] });
  if (flags.open && cli.terminal.isInteractive) openPage(page.authorizeUrl, cli.env);
  if (!flags.wait) return exitCodes.success;
  cli.output.say(`Waits until ${ref.userId} has consented on this page. Send it only to that user.`);
  return waitUntilConnected({ ...ref, before: page }, flags.timeout, cli);
}

type Wait = { customerIntegrationId: string; userId: string; before: { active: boolean; updatedAt: string } };

async function waitUntilConnected({ before, ...ref }: Wait, timeoutSeconds: number, cli: Cli): Promise<ExitCode> {
  const interruption = cli.interruption();
  const endsAt = performance.now() + timeoutSeconds * 1000;
  while (!interruption.aborted) {
    const { active, updatedAt } = await cli.service().client.integrations.getUser.query(ref);
    if (active && (!before.active || updatedAt !== before.updatedAt)) {
      cli.output.say(`${ref.userId} is connected.`);
      return exitCodes.success;
    }
    if (performance.now() >= endsAt) {
      cli.output.say('The user has not consented in this time. The page stays valid for a day.');
      return exitCodes.timeout;
    }
    await pause(POLL_MS, interruption);
  }
  return exitCodes.interrupted;
}

/** Ends after `ms`, or when the signal aborts. */
const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end, { once: true });
  });
