import { type AppRouter, createClient } from '@errand/client';
import { QueryClient, QueryClientProvider, useMutation, useQuery } from '@tanstack/react-query';
import { createTRPCOptionsProxy } from '@trpc/tanstack-react-query';

/** @param token a user token, which your server mints */
export function errandQueries(url: string, token: string) {
  const queryClient = new QueryClient();
  const errand = createTRPCOptionsProxy<AppRouter>({ client: createClient({ url, apiKey: token }), queryClient });
  return { queryClient, errand };
}

type Queries = ReturnType<typeof errandQueries>;

function Runs({ errand, queryClient }: Queries) {
  const { data, error } = useQuery(errand.runs.list.queryOptions({ pageSize: 10 }));
  const cancel = useMutation(
    errand.runs.cancel.mutationOptions({
      onSuccess: () => queryClient.invalidateQueries({ queryKey: errand.runs.list.queryKey() }),
    }),
  );
  if (error) return <p role="alert">{error.data?.problem.detail ?? error.message}</p>;
  if (!data) return <p>Loading</p>;
  return (
    <ul>
      {data.runs.map(({ runId, intent, status }) => (
        <li key={runId}>
          {intent}: {status}
          <button type="button" onClick={() => cancel.mutate({ runId })}>
            Cancel
          </button>
        </li>
      ))}
    </ul>
  );
}

export const App = (queries: Queries) => (
  <QueryClientProvider client={queries.queryClient}>
    <Runs {...queries} />
  </QueryClientProvider>
);
