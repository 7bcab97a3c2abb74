import type { Outputs } from '@errand/client/console';
import { useMutation } from '@tanstack/react-query';
import { Button } from '../../../controls/button.tsx';
import { Badge } from '../../../display/badge.tsx';
import { ProblemNote } from '../../../display/problem-note.tsx';
import { Text } from '../../../display/text.tsx';
import { Empty, Skeleton } from '../../../manage/list-view.tsx';
import { SearchField } from '../../../manage/search-field.tsx';
import { useCursorList } from '../../../manage/use-cursor-list.ts';
import { useClient } from '../../../session/workspace.tsx';
import type { Service } from '../draft.ts';

type ListedService = Outputs['catalog']['list']['services'][number];

type CatalogSourceProps = {
  words: string | undefined;
  onSearch: (words: string | undefined) => void;
  onChoose: (service: Service) => void;
};

/** The services that Errand knows. */
export function CatalogSource({ words, onSearch, onChoose }: CatalogSourceProps) {
  const client = useClient();
  const list = useCursorList({
    key: ['catalog', words],
    read: async (page, signal) => {
      const { services, nextCursor } = await client.catalog.list.query(
        { ...page, ...(words !== undefined && { search: words }) },
        { signal },
      );
      return { items: services, nextCursor };
    },
  });
  const choice = useMutation({
    mutationFn: (catalog: string) => client.catalog.get.query({ catalog }),
    onSuccess: onChoose,
  });
  return (
    <div className="flex min-w-0 flex-col gap-3">
      <div>
        <SearchField label="Search the catalogue" value={words} onChange={onSearch} />
      </div>
      {list.error != null && <ProblemNote error={list.error} onRetry={list.readAgain} />}
      {choice.error != null && <ProblemNote error={choice.error} />}
      {list.isPending && list.error == null && <Skeleton label="The services" />}
      {!list.isPending && list.items.length === 0 && list.error == null && (
        <Empty>The catalogue has no such service. Add it by the address of its document.</Empty>
      )}
      {list.items.length > 0 && (
        <ul aria-label="Services" className="grid grid-cols-[repeat(auto-fill,minmax(min(100%,240px),1fr))] gap-3">
          {list.items.map((service) => (
            <li key={service.catalog}>
              <ServiceCard
                service={service}
                isBusy={choice.isPending && choice.variables === service.catalog}
                onChoose={() => choice.mutate(service.catalog)}
              />
            </li>
          ))}
        </ul>
      )}
      {list.hasMore && (
        <Button className="self-center" isBusy={list.isReadingMore} onClick={list.readMore}>
          Show more
        </Button>
      )}
    </div>
  );
}

type ServiceCardProps = { service: ListedService; isBusy: boolean; onChoose: () => void };

const ServiceCard = ({ service: { name, category, description }, isBusy, onChoose }: ServiceCardProps) => (
  <button
    type="button"
    aria-busy={isBusy || undefined}
    onClick={onChoose}
    className="flex h-full w-full flex-col gap-1 rounded-xl border border-line bg-pane p-3 text-left hover:border-accent"
  >
    <span className="flex w-full flex-wrap items-center justify-between gap-2">
      <span className="font-semibold">
        <Text>{name}</Text>
      </span>
      <Badge>{category}</Badge>
    </span>
    <span className="text-dim">
      <Text>{description}</Text>
    </span>
  </button>
);
