// Entry of the planning threads.
import { servePlans } from '@errand/planner/thread';

await servePlans({
  withoutModel: async () => (await import('@errand/planner-english')).createBuiltinPlanner,
});
