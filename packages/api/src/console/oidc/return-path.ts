const CONSOLE = '/console/';
const MAX_LENGTH = 2000;
/** Paths that answer no page. */
const NO_PAGES = /^\/console\/(?:sign-in|trpc)(?:\/|$)/;

/**
 * The page of the console to which a sign-in returns, without its fragment. Any other address becomes the first page: a link must not lead
 * to another site through this one.
 */
export function returnPathOf(value: unknown): string {
  // Browsers read `\` as `/`, and ignore line breaks.
  if (typeof value !== 'string' || value.length > MAX_LENGTH || !/^[!-[\]-~]+$/.test(value)) return CONSOLE;
  if (!value.startsWith(CONSOLE) || !URL.canParse(value, 'http://console.invalid')) return CONSOLE;
  const { origin, pathname, search } = new URL(value, 'http://console.invalid');
  // The parser has removed `..`, also in its encoded forms.
  const isPage = origin === 'http://console.invalid' && pathname.startsWith(CONSOLE) && !NO_PAGES.test(pathname);
  return isPage ? pathname + search : CONSOLE;
}
