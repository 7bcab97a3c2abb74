/** A text is used again for this time, in ms: many scrapers cost no more than one each second. */
const TTL_MS = 1000;

/** Lets callers share a text, also while it is written. */
export function shared(
  write: () => Promise<string>,
  now: () => number = () => performance.now(),
): () => Promise<string> {
  let begunAt = Number.NEGATIVE_INFINITY;
  let text: Promise<string> | undefined;
  return () => {
    if (text === undefined || now() - begunAt >= TTL_MS) {
      begunAt = now();
      text = write();
    }
    return text;
  };
}
