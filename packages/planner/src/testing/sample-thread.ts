// Entry of the threads of tests.
import { servePlans } from '../threads/serve-plans.ts';
import { samplePlanner } from './sample-planner.ts';

await servePlans({ withoutModel: async () => samplePlanner });
