import type { Cli } from '../../cli/cli.ts';
import { usageFailure } from '../../outcome/failure.ts';
import { profilePath, readProfiles, writeProfiles } from '../../profile/profile-file.ts';
import { recentIds } from '../../profile/recent-ids.ts';
import { type CallerFacts, readCaller } from '../../service/caller.ts';
import { clientOf } from '../../service/service.ts';
import { assertMaySend, originOf } from '../../service/target.ts';
import { readSecret } from '../../terminal/ask.ts';
import type { AddCommand } from '../command.ts';

const DEFAULT_URL = 'http://127.0.0.1:4000';
const PROFILE_NAME = /^[A-Za-z0-9][\w.-]{0,39}$/;

export const addLogin: AddCommand = (program, cli) => {
  program
    .command('login')
    .summary('store the key of a service in a profile')
    .description(
      `Asks for an API key, or reads it from stdin, checks it, and stores it in a profile (--profile, "default" unless given). The key is only ever sent to the origin of the URL.`,
    )
    .argument('[url]', 'the URL of the service', DEFAULT_URL)
    .action(cli.action((url: string) => login(url, cli)));
  program
    .command('logout')
    .summary('delete a profile')
    .description('Deletes a profile with its key. The key stays valid: errand keys revoke ends it.')
    .action(cli.action(async () => logout(cli)));
};

async function login(url: string, cli: Cli): Promise<void> {
  const name = cli.targetOptions.profile ?? cli.env.profile ?? 'default';
  if (!PROFILE_NAME.test(name))
    throw usageFailure(`"${name}" is no name of a profile.`, 'Use letters, digits, _ . and -.');
  assertMaySend(url);
  const apiKey = await readSecret(cli.terminal, `API key of ${originOf(url)}`);
  const session = await readCaller(clientOf({ url, apiKey }));
  const { profiles } = readProfiles(cli.env.configDir);
  if (profiles[name] && originOf(profiles[name].url) !== originOf(url)) recentIds(cli.env.configDir, name).forget();
  writeProfiles(cli.env.configDir, { current: name, profiles: { ...profiles, [name]: { url, apiKey } } });
  cli.output.answer(
    { profile: name, url, caller: session.caller, workspace: session.workspace },
    { text: () => [signedIn(session, url, name)], ids: () => [name] },
  );
  cli.output.say(`Stored in ${profilePath(cli.env.configDir)}, which only you can read.`);
}

const signedIn = ({ caller, workspace }: CallerFacts, url: string, name: string): string =>
  `Signed in to ${url} as ${caller.label}${workspace ? ` in the workspace ${workspace.name}` : ''} (profile ${name}).`;

async function logout(cli: Cli): Promise<void> {
  const { current, profiles } = readProfiles(cli.env.configDir);
  const name = cli.targetOptions.profile ?? cli.env.profile ?? current;
  if (name === undefined || !profiles[name]) throw usageFailure('There is no such profile.');
  const { [name]: _, ...others } = profiles;
  recentIds(cli.env.configDir, name).forget();
  writeProfiles(cli.env.configDir, { current: current === name ? Object.keys(others)[0] : current, profiles: others });
  cli.output.say(`The profile ${name} is deleted.`);
}
