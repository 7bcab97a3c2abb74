import { CodeButton } from '../../../code/code-button.tsx';
import { Button } from '../../../controls/button.tsx';
import type { Draft, Source } from '../draft.ts';
import { StepFrame } from '../step-frame.tsx';
import { InspectionFacts } from './inspection-facts.tsx';
import { ServiceFacts } from './service-facts.tsx';

type FoundStepProps = { draft: Draft; onChange: (draft: Draft) => void; onBack: () => void; onNext: () => void };

/** The service as it describes itself, before it is registered. */
export function FoundStep({ draft, onChange, onBack, onNext }: FoundStepProps) {
  const { source } = draft;
  return (
    <StepFrame
      title={source.from === 'catalog' ? source.service.name : source.inspection.name}
      about={
        source.from === 'catalog'
          ? 'The catalogue says this about the service. Errand reads its documents when you register it. Nothing is registered yet.'
          : 'The service says this about itself. Nothing is registered yet.'
      }
      buttons={
        <>
          <Button onClick={onBack}>Back</Button>
          <Button look="accent" onClick={onNext}>
            Go on
          </Button>
          <SourceCode source={source} />
        </>
      }
    >
      {source.from === 'catalog' ? (
        <ServiceFacts source={source} onChange={onChange} />
      ) : (
        <InspectionFacts source={source} />
      )}
    </StepFrame>
  );
}

function SourceCode({ source }: { source: Source }) {
  if (source.from === 'catalog')
    return (
      <CodeButton
        title="Read the entry of the catalogue from code"
        operation="catalog.get"
        input={{ catalog: source.service.catalog }}
      />
    );
  const { input, fileName } = source;
  const { auth, document, ...rest } = input;
  return (
    <CodeButton
      title="Look at the service from code"
      operation="integrations.inspect"
      input={{
        ...rest,
        ...(document !== undefined && { document: `<the text of ${fileName}>` }),
        ...(auth && { auth: { type: 'API_TOKEN', token: '<token>' } }),
      }}
      note="It registers nothing."
    />
  );
}
