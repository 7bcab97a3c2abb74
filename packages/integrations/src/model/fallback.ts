import { ModelFailure } from '@errand/contracts';
import type { AskModel, Model } from '@errand/ports/model';

/** Pause of an endpoint after a failure. */
const PAUSE_MS = 60_000;

/** A model with a second one, which answers while the endpoint of the first fails for any reason. */
export function withFallback(first: Model, second: Model): Model {
  let asksSecondUntil = Number.NEGATIVE_INFINITY;
  const ask: AskModel = async (prompt, usage) => {
    if (performance.now() < asksSecondUntil) return second.ask(prompt, usage);
    try {
      return await first.ask(prompt, usage);
    } catch (error) {
      if (!(error instanceof ModelFailure) || prompt.signal.aborted) throw error;
      asksSecondUntil = performance.now() + PAUSE_MS;
      return second.ask(prompt, usage);
    }
  };
  return { ask, planning: first.planning };
}
