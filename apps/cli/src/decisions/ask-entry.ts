// Settles a request with the person at the terminal.
import type { PendingEntry } from '@errand/contracts';
import type { Cli } from '../cli/cli.ts';
import type { Choice } from '../terminal/ask.ts';
import { visibleValue } from '../terminal/visible.ts';
import { type Args, editArgs } from './edit-args.ts';
import { commandsFor, idOfEntry } from './entry.ts';
import { entryLines } from './entry-lines.ts';
import { askForm, type Form } from './form.ts';

const LATER: Choice = { value: 'l', label: 'later' };

/** Shows a request and asks for the decision. @returns what was decided, as a sentence; undefined for a later decision */
export async function askEntry(entry: PendingEntry, cli: Cli, signal: AbortSignal): Promise<string | undefined> {
  cli.output.show(entry, (shown, view) => ['', ...entryLines(shown, view)]);
  if (!entry.mayDecide) return undefined;
  switch (entry.kind) {
    case 'plan':
    case 'call':
      return askApproval(entry, cli, signal);
    case 'effect':
      return askEffect(entry, cli, signal);
    case 'question':
      return askQuestion(entry, cli, signal);
    case 'input':
      return askInput(entry, cli, signal);
    default:
      return sayConsent(entry, cli);
  }
}

async function askApproval(entry: PendingEntry, cli: Cli, signal: AbortSignal): Promise<string | undefined> {
  const canEdit = entry.kind === 'call' && entry.args !== undefined && !entry.calls;
  const key = await cli.ask.key(
    'Approve?',
    [
      { value: 'y', label: 'yes' },
      { value: 'n', label: 'no' },
      ...(canEdit ? [{ value: 'e', label: 'edit the arguments, and approve' }] : []),
      LATER,
    ],
    { signal },
  );
  if (key === 'l') return undefined;
  const approvalId = idOfEntry(entry);
  const { approvals } = cli.service().client;
  if (key === 'n') {
    await approvals.decide.mutate({ approvalId, decision: 'deny' });
    return 'Denied.';
  }
  const args = key === 'e' ? await editArgs(entry.args, cli.env) : undefined;
  if (key === 'e' && !(await confirmEdit(args, cli, signal))) return undefined;
  await approvals.decide.mutate({ approvalId, decision: 'approve', ...(args && { args: args as never }) });
  return args ? 'Approved with changes.' : 'Approved.';
}

function confirmEdit(args: Args | undefined, cli: Cli, signal: AbortSignal): Promise<boolean> {
  if (args) cli.output.say(JSON.stringify(args, undefined, 2));
  return cli.ask.confirm(args ? 'Approve with these arguments?' : 'Nothing was changed. Approve?', { signal });
}

async function askEffect(entry: PendingEntry, cli: Cli, signal: AbortSignal): Promise<string | undefined> {
  const key = await cli.ask.key(
    'The answer of this call was lost. Look at the service: did it happen?',
    [
      { value: 'h', label: 'it happened' },
      { value: 'r', label: 'make the call again, with the same Idempotency-Key' },
      { value: 's', label: 'go on without it' },
      LATER,
    ],
    { signal },
  );
  const decision = ({ h: 'happened', r: 'retry', s: 'skip' } as const)[key];
  if (!decision) return undefined;
  await cli.service().client.effects.resolve.mutate({ effectId: idOfEntry(entry), decision });
  return `Resolved: ${decision}.`;
}

async function askQuestion(entry: PendingEntry, cli: Cli, signal: AbortSignal): Promise<string> {
  const answer = await askAnswer(entry, cli, signal);
  await cli.service().client.questions.answer.mutate({ requestId: idOfEntry(entry), answer });
  return 'Answered.';
}

export async function askAnswer({ choices, requestedSchema, text }: PendingEntry, cli: Cli, signal?: AbortSignal) {
  if (requestedSchema) return askForm(requestedSchema as Form, cli.ask, signal);
  if (!choices) return cli.ask.text(text, { signal });
  const labels = choices.map(({ label }) => label);
  return choices[await cli.ask.choose(text, labels, { signal })]!.value;
}

async function askInput(entry: PendingEntry, cli: Cli, signal: AbortSignal): Promise<string | undefined> {
  const question = entry.openUrl ? 'Have you opened the page?' : 'Answer the service?';
  const key = await cli.ask.key(question, [{ value: 'y', label: 'yes' }, { value: 'n', label: 'decline' }, LATER], {
    signal,
  });
  if (key === 'l') return undefined;
  const action = key === 'y' ? 'accept' : 'decline';
  const hasForm = key === 'y' && entry.requestedSchema !== undefined;
  const content = hasForm ? await askForm(entry.requestedSchema as Form, cli.ask, signal) : undefined;
  await cli.service().client.inputs.answer.mutate({ requestId: idOfEntry(entry), action, ...(content && { content }) });
  return key === 'y' ? 'Answered.' : 'Declined.';
}

/** A consent is given on a page, so that it is only shown where that is. */
async function sayConsent(entry: PendingEntry, cli: Cli): Promise<undefined> {
  for (const command of commandsFor(visibleValue(entry))) cli.output.say(`  ${command}`);
  return undefined;
}
