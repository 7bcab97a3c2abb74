// Operations that do several things one after the other, such as decisions: a refused one does not affect the others.
import { type DecisionProblem, errorTable, ProblemError } from '@errand/contracts';

/** After this time the remaining ones are refused; the caller may send them again. */
const MAX_MS = 25_000;

/**
 * Returns a function that makes attempts for 25 seconds. It answers problems as `error`, and throws other errors: these fail the whole
 * request, which may be sent again.
 */
export function attemptsOf(things: 'decisions' | 'runs') {
  const deadline = performance.now() + MAX_MS;
  /** @param pointer JSON pointer to the part of the request that the attempt is about */
  return async <T extends object>(work: () => Promise<T>, pointer = ''): Promise<T | { error: DecisionProblem }> => {
    if (performance.now() > deadline) {
      const detail = `The previous ${things} took too long.`;
      return { error: { code: 'unavailable', ...errorTable.unavailable, detail } };
    }
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      return { error: toFault(error, pointer) };
    }
  };
}

function toFault({ code: name, detail, options }: ProblemError, pointer: string): DecisionProblem {
  const code = name as keyof typeof errorTable;
  const { remedy = errorTable[code].remedy } = options;
  const errors = options.errors?.map((fault) => ({ ...fault, pointer: `${pointer}${fault.pointer}` }));
  return {
    code,
    ...errorTable[code],
    ...(detail !== undefined && { detail }),
    ...(remedy !== undefined && { remedy }),
    ...(errors && { errors }),
    ...(options.values && { values: options.values as DecisionProblem['values'] }),
  };
}
