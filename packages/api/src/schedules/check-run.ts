import { type ErrorCode, ProblemError, problem, type ScheduledRun } from '@errand/contracts';
import type { Context } from '../context.ts';

/** Checks the run of a schedule as if it were created now. @throws ProblemError with pointers into `run` */
export async function checkRun({ deps, principal }: Context, run: ScheduledRun): Promise<void> {
  try {
    await deps.engine.checkRun(principal.workspaceId, run);
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    const errors = error.options.errors?.map(({ pointer, message }) => ({ pointer: `/run${pointer}`, message }));
    throw problem(error.code as ErrorCode, error.detail, { ...(errors && { errors }), cause: error });
  }
}
