import type { Outputs } from '@errand/client/console';

export type AuditEntry = Outputs['audit']['list']['entries'][number];
