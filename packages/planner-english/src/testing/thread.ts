// Entry of the threads of tests.
import { servePlans } from '@errand/planner/thread';
import { createBuiltinPlanner } from '../builtin-planner.ts';

await servePlans({ withoutModel: async () => createBuiltinPlanner });
