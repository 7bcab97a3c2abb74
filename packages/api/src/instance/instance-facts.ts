import type { Setting, SystemStatus, WorkspaceStatus } from '@errand/contracts';

/** Facts of the instance that callers may know. */
export type InstanceFacts = Pick<WorkspaceStatus, 'approvals' | 'features' | 'limits'> &
  Pick<SystemStatus, 'retention'> & {
    /** The settings of this process, without secrets. */
    settings: readonly Setting[];
    /** The model of this process, and its last call. */
    model: () => SystemStatus['model'];
  };
