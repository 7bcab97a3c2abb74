/**
 * A value, or a promise of it. Functions on the path of every call return a value that they have at once as it is: an `await` costs two
 * promises and a turn of the microtask queue.
 */
export type Awaitable<T> = T | Promise<T>;

export const isPromise = <T>(awaitable: Awaitable<T>): awaitable is Promise<T> => awaitable instanceof Promise;

/** Calls `next` with the value: at once when it is no promise. Errors of `next` are then thrown, else they reject the promise. */
export const chain = <T, U>(awaitable: Awaitable<T>, next: (value: T) => Awaitable<U>): Awaitable<U> =>
  isPromise(awaitable) ? awaitable.then(next) : next(awaitable);
