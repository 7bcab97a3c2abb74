import type { Outputs } from '@errand/client/console';

export type Schedule = Outputs['schedules']['list']['schedules'][number];
