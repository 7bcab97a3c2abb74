import { type DecisionProblem, errorTable, ProblemError, type RunHandle } from '@errand/contracts';

type Result = { runId: string; run?: RunHandle; error?: DecisionProblem };

/** After this time the remaining runs are refused; the caller may send them again. */
const MAX_MS = 25_000;

/** Processes runs one after the other. A refused one does not affect the others. @throws errors other than problems */
export async function attemptEach(
  runIds: readonly string[],
  work: (runId: string) => Promise<RunHandle>,
): Promise<{ results: Result[] }> {
  const deadline = performance.now() + MAX_MS;
  const results: Result[] = [];
  for (const runId of runIds) results.push({ runId, ...(await attempt(() => work(runId), deadline)) });
  return { results };
}

async function attempt(work: () => Promise<RunHandle>, deadline: number): Promise<Omit<Result, 'runId'>> {
  if (performance.now() > deadline) {
    const detail = 'The previous runs took too long.';
    return { error: { code: 'unavailable', ...errorTable.unavailable, detail } };
  }
  try {
    return { run: await work() };
  } catch (error) {
    // Other errors fail the whole request, which may be sent again.
    if (!(error instanceof ProblemError)) throw error;
    return { error: toFault(error) };
  }
}

function toFault({ code: name, detail, options }: ProblemError): DecisionProblem {
  const code = name as keyof typeof errorTable;
  const { remedy = errorTable[code].remedy, errors } = options;
  return {
    code,
    ...errorTable[code],
    ...(detail !== undefined && { detail }),
    ...(remedy !== undefined && { remedy }),
    ...(errors && { errors: [...errors] }),
  };
}
