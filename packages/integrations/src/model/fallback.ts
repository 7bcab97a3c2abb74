import { ModelFailure } from '@errand/contracts';
import type { AskModel, Model } from '@errand/ports/model';

/** How long an endpoint that failed is left alone. */
const LEFT_ALONE_MS = 60_000;

/** A model, and another one that is asked while the endpoint of the first fails: refused, overloaded, not reachable, too slow. */
export function withFallback(first: Model, second: Model): Model {
  let asksSecondUntil = Number.NEGATIVE_INFINITY;
  const ask: AskModel = async (prompt, usage) => {
    if (performance.now() < asksSecondUntil) return second.ask(prompt, usage);
    try {
      return await first.ask(prompt, usage);
    } catch (error) {
      if (!(error instanceof ModelFailure) || prompt.signal.aborted) throw error;
      asksSecondUntil = performance.now() + LEFT_ALONE_MS;
      return second.ask(prompt, usage);
    }
  };
  return { ask, planning: first.planning };
}
