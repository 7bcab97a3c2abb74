import type { ReactNode } from 'react';
import { money } from '../../display/money.ts';
import { percent, time } from './numbers.ts';
import type { UsageReport, UsageTotal } from './use-usage.ts';

/** The totals of the range. */
export function Summary({ total, feedback }: { total: UsageTotal; feedback: UsageReport['feedback'] }) {
  const { runs, succeeded, failed, calls, callErrors, tokens, cost, p50Ms, p95Ms } = total;
  const ratings = feedback ? feedback.positive + feedback.negative : 0;
  return (
    <dl aria-label="Totals" className="grid grid-cols-[repeat(auto-fit,minmax(140px,1fr))] gap-2">
      <Tile name="Errands" value={runs.toLocaleString()}>
        {percent(succeeded, runs)} success, {percent(failed, runs)} failed
      </Tile>
      <Tile name="Calls" value={calls.toLocaleString()}>
        {callErrors.toLocaleString()} errors, {percent(callErrors, calls)}
      </Tile>
      <Tile name="Half took at most" value={time(p50Ms)}>
        95 % at most {time(p95Ms)}
      </Tile>
      <Tile name="Tokens" value={tokens.toLocaleString()}>
        {cost ? money(cost) : 'no cost known'}
      </Tile>
      {feedback && (
        <Tile name="Feedback" value={percent(feedback.positive, ratings)}>
          {ratings === 0 ? 'no ratings' : `positive, of ${ratings.toLocaleString()}`}
        </Tile>
      )}
    </dl>
  );
}

const Tile = ({ name, value, children }: { name: string; value: string; children: ReactNode }) => (
  <div className="rounded-xl border border-line bg-pane p-3">
    <dt className="text-dim">{name}</dt>
    <dd className="text-xl font-semibold">{value}</dd>
    <dd className="text-sm text-dim">{children}</dd>
  </div>
);
