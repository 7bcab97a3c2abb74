import type { PlanMaker } from '@errand/contracts';

const MODEL = 'model:';

/**
 * The origin of a stored plan.
 * @param madeBy as it is stored: a kind, or the model
 * @param isRerun whether its run reruns another one, whose plan is stored as one of a caller
 */
export function toPlanMaker(madeBy: string, isRerun: boolean): PlanMaker {
  switch (madeBy) {
    case 'caller':
      return { kind: isRerun ? 'rerun' : 'caller' };
    case 'builtin':
    case 'repeat':
    case 'action':
      return { kind: madeBy };
    default:
      return { kind: 'model', model: madeBy.startsWith(MODEL) ? madeBy.slice(MODEL.length) : madeBy };
  }
}
