import { Field, TextInput } from '../../../controls/field.tsx';
import { UrlField } from '../../../controls/url-field.tsx';
import type { InspectInput, SourceForm } from '../draft.ts';
import { InspectForm } from './inspect-form.tsx';
import { useInspect } from './use-inspect.ts';

export type SourceProps = {
  form: SourceForm;
  onChange: (change: Partial<SourceForm>) => void;
  onFound: (found: Parameters<Parameters<typeof useInspect>[0]>[0], input: InspectInput, token?: string) => void;
};

/** The address of an OpenAPI document. */
export function AddressSource({ form, onChange, onFound }: SourceProps) {
  const inspect = useInspect((inspection, input) => onFound(inspection, input));
  const paths = form.paths.trim();
  const input = {
    url: form.url.trim(),
    ...(form.baseUrl.trim() !== '' && { baseUrl: form.baseUrl.trim() }),
    ...(paths !== '' && { pick: { paths: paths.split(/\s+/) } }),
  };
  return (
    <InspectForm isBusy={inspect.isPending} error={inspect.error} onSend={() => inspect.mutate(input)}>
      <UrlField
        label="Address of the OpenAPI document"
        hint="OpenAPI 3.0, 3.1 or Swagger 2.0, as JSON or YAML."
        placeholder="https://api.example.com/openapi.json"
        isRequired
        value={form.url}
        onChange={(url) => onChange({ url })}
      />
      <details className="rounded-lg border border-line p-3">
        <summary className="font-semibold">Another address of its calls, or a part of its operations</summary>
        <div className="mt-3 flex flex-col gap-4">
          <BaseUrlField form={form} onChange={onChange} />
          <Field
            label="Only operations whose paths begin with"
            hint="Separated by spaces. A document of more than 8 MiB needs this."
          >
            {(control) => (
              <TextInput
                {...control}
                placeholder="/tickets /users"
                value={form.paths}
                onChange={({ target }) => onChange({ paths: target.value })}
              />
            )}
          </Field>
        </div>
      </details>
    </InspectForm>
  );
}

export const BaseUrlField = ({ form, onChange }: Pick<SourceProps, 'form' | 'onChange'>) => (
  <UrlField
    label="Address of its calls"
    hint="Empty: as the document says."
    placeholder="https://api.example.com/v1"
    value={form.baseUrl}
    onChange={(baseUrl) => onChange({ baseUrl })}
  />
);
