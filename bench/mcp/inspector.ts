import type { Figures, Scenario } from '../figures.ts';
import type { Stack } from '../stack.ts';
import { type RunSuite, suitesIn } from './suites.ts';
import { credentials, twoProcesses } from './two-processes.ts';

const eras = ['legacy', 'modern'] as const;
const WAITS_MS = 60_000;

export const mcpInspector: Scenario = {
  name: 'mcp-inspector',
  goal: { legacy: 'lists strictly, executes, decides', modern: 'likewise' },
};

/** An agent's whole path with the inspector's command line, one process per request. @throws Error when a step fails */
export async function measureMcpInspector(stack: Stack): Promise<Figures> {
  const runSuite = await suitesIn(stack.folder);
  const service = await twoProcesses(stack);
  try {
    const done: Figures = {};
    for (const era of eras) {
      done[era] = await walk(inspect(runSuite, service.url, era, credentials(stack)));
      console.log(`inspector ${era}: ${String(done[era])}`);
    }
    return { ...done, requestsOfEachProcess: service.served() };
  } finally {
    await service.close();
  }
}

type Ask = (method: string, ...args: string[]) => Promise<Record<string, unknown>>;

/** One request with the inspector, which must exit with 0. */
const inspect =
  (runSuite: RunSuite, url: string, era: string, headers: Record<string, string>): Ask =>
  async (method, ...args) => {
    const sent = Object.entries(headers).flatMap(([name, value]) => ['--header', `${name}: ${value}`]);
    const at = ['--cli', `${url}/mcp`, '--transport', 'http', ...sent, '--protocol-era', era];
    const cliArguments = [...at, '--method', method, ...args, '--format', 'json', '--stored-auth-only'];
    const { code, stdout, stderr } = await runSuite('mcp-inspector', cliArguments);
    if (code !== 0) throw new Error(`The inspector (${era}, ${method}) ended with ${code}: ${stderr || stdout}`);
    return JSON.parse(stdout) as Record<string, unknown>;
  };

type Status = { runId: string; status: string; waitingOn?: { approvalId: string }[] };

async function walk(ask: Ask): Promise<string> {
  const call = async (name: string, args: object) => {
    const answer = await ask('tools/call', '--tool-name', name, '--tool-args-json', JSON.stringify(args));
    return (answer.result ?? answer) as { structuredContent: Status };
  };
  /** Waits until the run has ended or waits for a person. */
  const settled = async (runId: string): Promise<Status> => {
    for (const until = Date.now() + WAITS_MS; Date.now() < until; ) {
      const { structuredContent: run } = await call('run_status', { runId, waitSeconds: 10 });
      if (!['QUEUED', 'RUNNING'].includes(run.status)) return run;
    }
    throw new Error(`The run ${runId} has not ended.`);
  };
  const start = async (args: object) => (await call('execute_intent', args)).structuredContent;
  const expect = (request: string, { status }: Status, expectedStatus: string) => {
    if (status !== expectedStatus) throw new Error(`${request} is ${status}, not ${expectedStatus}.`);
  };

  await ask('tools/list', '--strict');
  expect('The errand', await settled((await start({ intent: 'Get the item 7' })).runId), 'SUCCESS');
  const { runId } = await start({ intent: 'Get the item 8', approvalStrategy: 'ON_TOOL_CALL' });
  const asking = await settled(runId);
  expect('The errand with approvals', asking, 'PAUSED');
  await call('decide', { approvalId: asking.waitingOn![0]!.approvalId, decision: 'approve' });
  expect('The approved errand', await settled(runId), 'SUCCESS');
  return 'tools/list strict, execute, SUCCESS, decide, SUCCESS';
}
