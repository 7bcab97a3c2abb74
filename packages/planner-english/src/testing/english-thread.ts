/** The entry of a thread with the built-in planner. */
export const englishThread = new URL('../../dist/testing/thread.js', import.meta.url);
