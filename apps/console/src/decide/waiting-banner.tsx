/** The open decision requests of a run. */
export function WaitingBanner({ runId }: { runId: string }) {
  return <p>{runId}</p>;
}
