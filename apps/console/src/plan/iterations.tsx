/** How many calls of a step with `forEach` have ended. */
export function Iterations({ done, total }: { done: number; total: number }) {
  return (
    <span className="flex items-center gap-2 text-sm text-dim">
      <span aria-hidden="true" className="h-1 w-16 overflow-hidden rounded bg-line">
        <span className="block h-full bg-good" style={{ width: `${total > 0 ? (done / total) * 100 : 0}%` }} />
      </span>
      {done} of {total}
    </span>
  );
}
