/** Calls a function, and keeps its faults from the caller. @returns undefined after a fault */
export type Guarded = <T>(call: () => T) => T | undefined;

/** @param onFault gets the first fault; later ones are ignored, because they probably have the same cause */
export function guardedBy(onFault: (error: unknown) => void): Guarded {
  let hasFailed = false;
  return (call) => {
    try {
      return call();
    } catch (error) {
      if (!hasFailed) onFault(error);
      hasFailed = true;
      return undefined;
    }
  };
}
