const ALLOWS = /\/v1\/workspace\/origins with (\{"origin":"[^"\\]*"\})/;

/** The origin that an administrator can allow after a refusal; undefined after any other failure. */
export function allowableOrigin({ code, remedy = '' }: { code: string; remedy?: string }): string | undefined {
  const [, body] = (code === 'url_not_allowed' && ALLOWS.exec(remedy)) || [];
  return body === undefined ? undefined : (JSON.parse(body) as { origin: string }).origin;
}
