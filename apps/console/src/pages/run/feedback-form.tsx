// What people think of an errand.
import { scopeLabels } from '@errand/contracts/labels';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { ThumbsDown, ThumbsUp } from 'lucide-react';
import { useState } from 'react';
import { Button } from '../../controls/button.tsx';
import { TextInput } from '../../controls/field.tsx';
import { toast } from '../../controls/toast.tsx';
import { problemFor } from '../../session/problem.ts';
import { useClient, useMay, useWorkspaceId } from '../../session/workspace.tsx';

type Rating = 'positive' | 'negative';

export function FeedbackForm({ runId }: { runId: string }) {
  const client = useClient();
  const queries = useQueryClient();
  const queryKey = ['feedback', useWorkspaceId(), runId];
  const may = useMay('runs:write');
  const { data } = useQuery({ queryKey, queryFn: ({ signal }) => client.feedback.get.query({ runId }, { signal }) });
  const put = useMutation({
    mutationFn: (feedback: { rating?: Rating; comment?: string }) =>
      client.feedback.put.mutate({ runId, ...feedback, source: { type: 'user' } }),
    onSuccess: (feedback) => queries.setQueryData(queryKey, feedback),
    onError: (error) => toast(problemFor(error).detail, { isBad: true }),
  });
  const offBecause = may ? undefined : `Your role may not ${scopeLabels['runs:write']}.`;
  const rate = (rating: Rating) => put.mutate({ rating });
  return (
    <div className="flex flex-wrap items-center gap-2 border-t border-line pt-2">
      <span className="text-dim">Is this right?</span>
      <RatingButton {...{ rating: 'positive', chosen: data?.rating, offBecause, rate }} />
      <RatingButton {...{ rating: 'negative', chosen: data?.rating, offBecause, rate }} />
      {data && may && <Comment known={data.comment ?? ''} onSave={(comment) => put.mutate({ comment })} />}
    </div>
  );
}

type RatingButtonProps = {
  rating: Rating;
  chosen: Rating | undefined;
  offBecause: string | undefined;
  rate: (rating: Rating) => void;
};

function RatingButton({ rating, chosen, offBecause, rate }: RatingButtonProps) {
  const Icon = rating === 'positive' ? ThumbsUp : ThumbsDown;
  const isChosen = chosen === rating;
  const color = rating === 'positive' ? 'text-good' : 'text-bad';
  return (
    <Button
      look="quiet"
      aria-pressed={isChosen}
      offBecause={offBecause}
      className={isChosen ? color : ''}
      onClick={() => rate(rating)}
    >
      <Icon size={14} aria-hidden="true" fill={isChosen ? 'currentColor' : 'none'} />
      {rating === 'positive' ? 'Yes' : 'No'}
    </Button>
  );
}

function Comment({ known, onSave }: { known: string; onSave: (comment: string) => void }) {
  const [text, setText] = useState(known);
  return (
    <form
      className="flex min-w-48 flex-1 gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        if (text.trim() !== '') onSave(text.trim());
      }}
    >
      <TextInput
        aria-label="Comment"
        placeholder="Why?"
        maxLength={10_000}
        value={text}
        onChange={({ target }) => setText(target.value)}
      />
      {text.trim() !== known && text.trim() !== '' && <Button type="submit">Save</Button>}
    </form>
  );
}
