import type { Cli } from '../../cli/cli.ts';
import { type ExitCode, exitCodes } from '../../outcome/exit-codes.ts';
import { usageFailure } from '../../outcome/failure.ts';
import { table } from '../../terminal/table.ts';
import { visibleJson } from '../../terminal/visible.ts';
import type { AddCommand } from '../command.ts';
import { readJson } from '../options.ts';

type ApiFlags = { input?: string; schema?: boolean };

export const addApi: AddCommand = (program, cli) => {
  program
    .command('api')
    .summary('call any operation of the API')
    .description(
      'Calls an operation of the API by its name and prints the answer as JSON. Without a name it lists the operations. name=value sets a field, by its type; name:=value takes JSON; a.b=value sets a field of an object.',
    )
    .argument('[operation]', 'its name, e.g. runs.list')
    .argument('[fields...]', 'the fields of the input')
    .option('--input <file>', 'the input as a JSON object; - reads stdin. Fields have priority')
    .option('--schema', 'print the JSON Schema of the input, and call nothing')
    .action(cli.action((name: string | undefined, pairs: string[], flags: ApiFlags) => api(name, pairs, flags, cli)));
};

async function api(name: string | undefined, pairs: readonly string[], flags: ApiFlags, cli: Cli): Promise<ExitCode> {
  // The contract takes a tenth of a second to load, which other commands do not pay.
  const { findOperation, inputSchemaOf, keyOperations } = await import('../../api/operations.ts');
  if (name === undefined) return listOperations(keyOperations, cli);
  const operation = findOperation(name);
  const schema = inputSchemaOf(operation);
  if (flags.schema) {
    cli.output.answer(schema, { text: () => [visibleJson(schema, 2)] });
    return exitCodes.success;
  }
  const { parseArguments } = await import('../../api/arguments.ts');
  const base = flags.input === undefined ? {} : await readJson(flags.input, cli);
  const input = { ...base, ...parseArguments(pairs, schema) };
  const { callOperation, streamOperation } = await import('../../api/call.ts');
  const { client } = cli.service();
  if (operation.op.kind === 'subscription') {
    if (cli.output.mode === 'json')
      throw usageFailure('A stream is no single document.', 'Leave --json out: each item is a line of JSON.');
    const signal = cli.interruption();
    await streamOperation(client, operation, { input, onItem: (item) => cli.output.item(item), signal });
    return signal.aborted ? exitCodes.interrupted : exitCodes.success;
  }
  const answer = await callOperation(client, operation, input);
  cli.output.answer(answer, { text: () => (answer === null ? [] : [visibleJson(answer, 2)]), items: listIn });
  return exitCodes.success;
}

/** The items of a page, which has one list. */
function listIn(answer: unknown): readonly unknown[] {
  const lists = typeof answer === 'object' && answer !== null ? Object.values(answer).filter(Array.isArray) : [];
  return lists.length === 1 ? (lists[0] as unknown[]) : [answer];
}

type Listed = {
  name: string;
  op: {
    kind: string;
    scope: string | null;
    callers?: string;
    http?: { method: string; path: string; summary?: string };
  };
};

function listOperations(operations: readonly Listed[], cli: Cli): ExitCode {
  const rows = operations.map(({ name, op }) => ({
    name,
    kind: op.kind,
    route: op.http && `${op.http.method} ${op.http.path}`,
    summary: op.http?.summary,
    scope: op.callers === 'instance' ? 'platform key' : (op.scope ?? undefined),
  }));
  cli.output.answer(
    { operations: rows },
    {
      text: (answer, view) =>
        table(
          answer.operations,
          [
            { title: 'operation', text: (row) => row.name },
            { title: 'summary', text: (row) => row.summary, shrinksTo: 10 },
            { title: 'needs', text: (row) => row.scope },
          ],
          view,
        ),
      ids: (answer) => answer.operations.map((row) => row.name),
      items: (answer) => answer.operations,
    },
  );
  return exitCodes.success;
}
