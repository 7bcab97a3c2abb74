import type { CreateRunInput } from '@errand/contracts';

/** Port: seals what callers pass to integrations, for one run. */
export interface PassThroughs {
  /**
   * @returns the sealed bytes; undefined when nothing is passed
   * @throws ProblemError validation_failed naming what may not be sent, and integrations that are not selected
   */
  seal(
    workspaceId: string,
    runId: string,
    input: Pick<CreateRunInput, 'passThrough' | 'selectedCustomerIntegrationIds'>,
  ): Promise<Buffer | undefined>;
}
