import type { InspectInput, Inspection, Service, SourceForm } from '../draft.ts';
import { ORIGINS, type Origin } from '../search.ts';
import { StepFrame } from '../step-frame.tsx';
import { AddressSource } from './address-source.tsx';
import { CatalogSource } from './catalog-source.tsx';
import { FileSource } from './file-source.tsx';
import { McpSource } from './mcp-source.tsx';

const NAMES: Readonly<Record<Origin, string>> = {
  catalog: 'Catalogue',
  url: 'Address of a document',
  file: 'File',
  mcp: 'MCP server',
};

type SourceStepProps = {
  from: Origin;
  words: string | undefined;
  form: SourceForm;
  takesFocus: boolean;
  onFrom: (from: Origin) => void;
  onSearch: (words: string | undefined) => void;
  onChange: (change: Partial<SourceForm>) => void;
  onService: (service: Service) => void;
  onFound: (inspection: Inspection, input: InspectInput, more?: { token?: string; fileName?: string }) => void;
};

/** Where the service is described. */
export function SourceStep({ from, takesFocus, onFrom, ...props }: SourceStepProps) {
  return (
    <StepFrame
      title="Which service?"
      about="An HTTP service has an OpenAPI document. An MCP server describes its tools itself."
      takesFocus={takesFocus}
    >
      <fieldset className="flex flex-wrap gap-1">
        <legend className="sr-only">Where the service is described</legend>
        {ORIGINS.map((origin) => (
          <button
            key={origin}
            type="button"
            aria-pressed={origin === from}
            className="rounded-lg border border-line px-3 py-1.5 hover:bg-soft aria-pressed:border-accent aria-pressed:font-semibold"
            onClick={() => onFrom(origin)}
          >
            {NAMES[origin]}
          </button>
        ))}
      </fieldset>
      <ChosenSource from={from} {...props} />
    </StepFrame>
  );
}

type ChosenSourceProps = Omit<SourceStepProps, 'onFrom' | 'takesFocus'>;

function ChosenSource({ from, words, form, onSearch, onChange, onService, onFound }: ChosenSourceProps) {
  const fields = { form, onChange };
  switch (from) {
    case 'catalog':
      return <CatalogSource words={words} onSearch={onSearch} onChoose={onService} />;
    case 'url':
      return <AddressSource {...fields} onFound={(inspection, input) => onFound(inspection, input)} />;
    case 'file':
      return (
        <FileSource {...fields} onFound={(inspection, input, fileName) => onFound(inspection, input, { fileName })} />
      );
    case 'mcp':
      return (
        <McpSource
          {...fields}
          onFound={(inspection, input, token) => onFound(inspection, input, token ? { token } : {})}
        />
      );
  }
}
