/** Tells the time of the database. @param claimedAt its time now, as the claim of the run returned it */
export function databaseClock(claimedAt: Date): () => Date {
  const since = performance.now();
  return () => new Date(claimedAt.getTime() + Math.round(performance.now() - since));
}
