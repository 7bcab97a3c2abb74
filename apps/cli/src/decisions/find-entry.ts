import { problemOf } from '@errand/client';
import type { PendingEntry } from '@errand/contracts';
import type { Cli } from '../cli/cli.ts';
import { Failure, usageFailure } from '../outcome/failure.ts';
import { readItems } from '../service/read-items.ts';
import { idOfEntry } from './entry.ts';

type Kind = PendingEntry['kind'];

const MAX_OPEN = 1000;

/**
 * The open request with this id, or the only one of the run with this id.
 * @param kinds those that the command settles
 */
export async function findEntry(text: string, kinds: readonly Kind[], cli: Cli): Promise<PendingEntry> {
  const id = await idOfOpen(text, cli);
  const entries = await openEntries(cli, { id, kinds });
  if (entries.length === 1) return entries[0]!;
  if (entries.length > 1) {
    throw usageFailure(
      `The run waits for ${entries.length} such requests: ${entries.map(idOfEntry).slice(0, 5).join(', ')}.`,
      'Give the id of one.',
    );
  }
  throw new Failure(`There is no open request with the id ${id} that this command settles.`, {
    remedy: 'errand pending lists the open ones.',
  });
}

/** Without recent ids, as after a login, the open requests are searched too. */
async function idOfOpen(text: string, cli: Cli): Promise<string> {
  try {
    return cli.recent().resolve(text);
  } catch (error) {
    const entries = text.startsWith('@') || text.length < 4 ? [] : await listOpen(cli);
    const matches = entries.map(idOfEntry).filter((id) => id.startsWith(text) || id.endsWith(text));
    if (matches.length === 1) return matches[0]!;
    throw error;
  }
}

async function openEntries(cli: Cli, { id, kinds }: { id: string; kinds: readonly Kind[] }): Promise<PendingEntry[]> {
  const ofRun = await cli
    .service()
    .client.pending.list.query({ runId: id, kind: [...kinds], pageSize: 100 })
    .catch((error: unknown) => {
      if (problemOf(error)?.code === 'validation_failed') return { pending: [] };
      throw error;
    });
  if (ofRun.pending.length > 0) return ofRun.pending;
  return (await listOpen(cli, kinds)).filter((entry) => idOfEntry(entry) === id);
}

function listOpen(cli: Cli, kinds?: readonly Kind[]): Promise<PendingEntry[]> {
  const { client } = cli.service();
  const filter = { ...(kinds && { kind: [...kinds] }) };
  return readItems((page) => client.pending.list.query({ ...page, ...filter }), MAX_OPEN);
}
