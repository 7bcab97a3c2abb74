import type { CreateRunInput } from '@errand/contracts';

/** Keeps what callers hand on to integrations: sealed for one run, and opened where its calls are made. */
export interface PassThroughs {
  /**
   * @returns what is kept; undefined when there is nothing to hand on
   * @throws ProblemError validation_failed naming what may not be sent, or is for an integration that is not selected
   */
  seal(
    workspaceId: string,
    runId: string,
    input: Pick<CreateRunInput, 'passThrough' | 'selectedCustomerIntegrationIds'>,
  ): Promise<Buffer | undefined>;
}
