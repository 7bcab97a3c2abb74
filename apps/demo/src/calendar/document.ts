import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import { dataFile } from '../data-file.ts';

type Schemas = Readonly<Record<'NewEvent' | 'Event' | 'EventList' | 'Error', object>>;
type Paths = Readonly<Record<string, Readonly<Record<string, object>>>>;

const { components, ...rest } = dataFile<{ openapi: string; paths: Paths; components: { schemas: Schemas } }>(
  'calendar.json',
);

/** The OpenAPI document of the calendar. Its security scheme names the authorization server, its operations their scopes. */
export const calendarDocument = (url: string, issuer: string, scopes: Readonly<Record<string, string>>) => {
  const authorizationCode = {
    authorizationUrl: `${issuer}/authorize`,
    tokenUrl: `${issuer}/token`,
    refreshUrl: `${issuer}/token`,
    scopes,
  };
  const securitySchemes = { account: { type: 'oauth2', flows: { authorizationCode } } };
  return { ...rest, servers: [{ url: `${url}/v1` }], components: { ...components, securitySchemes } };
};

export type CalendarDocument = ReturnType<typeof calendarDocument>;

/** Checks new events by the schema of the document. @returns a function that gives the fault, or undefined */
export function eventCheck(document: CalendarDocument): (body: unknown) => string | undefined {
  const ajv = new Ajv({ strict: false });
  addFormats.default(ajv);
  const validate = ajv.compile(document.components.schemas.NewEvent);
  return (body) => (validate(body) ? undefined : ajv.errorsText(validate.errors, { dataVar: 'event' }));
}
