// Entry of the threads in which plans are made.
import { servePlans } from '@errand/planner/thread';

await servePlans({
  withoutModel: async () => (await import('@errand/planner-english')).createBuiltinPlanner,
});
