import { sha256 } from '@errand/basics/sha256';
import type { Texts } from '../texts/en.ts';
import { accentStyle } from './accent.ts';
import { STYLE } from './style.ts';
import { escaped, visible } from './visible.ts';

const hashOf = (style: string): string => `'sha256-${sha256(style, 'base64')}'`;

/** No scripts, no external resources, no framing, no referrer. Images are embedded in the page. */
export const pageHeaders = {
  'content-security-policy': [
    "default-src 'none'",
    'img-src data:',
    `style-src ${hashOf(STYLE)}`,
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; '),
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-robots-tag': 'noindex',
  'x-content-type-options': 'nosniff',
  vary: 'accept, accept-language',
};

// A tick in a circle.
const MARK =
  '<svg viewBox="0 0 24 24" width="20" height="20" fill="none" stroke="currentColor" stroke-width="2.5" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true"><circle cx="12" cy="12" r="10"/><path d="M7.5 12.5l3 3 6-7"/></svg>';
const ICON = `data:image/svg+xml,${encodeURIComponent(MARK.replace('<svg ', '<svg xmlns="http://www.w3.org/2000/svg" color="#1a6b3c" '))}`;

/** The brand of the workspace. `logo`: the path of an image of this service. */
export type PageBrand = { name?: string; color?: string; logo?: string };

/** The parts that all pages of a request share. `workspace`: its name, if it has one. */
export type PageFrame = { texts: Texts; brand?: PageBrand | undefined; workspace?: string | undefined };

/** The headers of a page with a brand, whose style and logo the policy allows. */
export function brandedHeaders(brand: PageBrand | undefined): typeof pageHeaders {
  if (!brand) return pageHeaders;
  let policy = pageHeaders['content-security-policy'];
  if (brand.logo !== undefined) policy = policy.replace('img-src data:', "img-src data: 'self'");
  if (brand.color !== undefined)
    policy = policy.replace('; base-uri', ` ${hashOf(accentStyle(brand.color))}; base-uri`);
  return { ...pageHeaders, 'content-security-policy': policy };
}

/** A page around finished HTML. */
export const layout = (
  { texts, brand = {}, workspace }: PageFrame,
  title: string,
  content: string,
): string => `<!doctype html>
<html lang="${texts.lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${escaped(title)}</title>
<link rel="icon" href="${brand.logo ?? (brand.name === undefined ? ICON : 'data:,')}">
<style>${STYLE}</style>${brand.color === undefined ? '' : `\n<style>${accentStyle(brand.color)}</style>`}
</head>
<body>
<header class="site">${markOf(brand)}<span>${nameOf(brand, workspace)}</span></header>
<main>
${content}
</main>
</body>
</html>
`;

const markOf = ({ logo, name }: PageBrand): string => {
  if (logo !== undefined) return `<img src="${escaped(logo)}" alt="">`;
  return name === undefined ? MARK : '';
};

/** A brand replaces the names of the workspace and of the product. */
const nameOf = ({ name }: PageBrand, workspace: string | undefined): string => {
  if (name !== undefined) return `<strong><bdi>${visible(name)}</bdi></strong>`;
  return `${workspace === undefined ? '' : `<strong>${visible(workspace)}</strong> · `}Errand`;
};

/** Facts in two columns; those without a value are left out. Values are finished HTML. */
export function facts(pairs: readonly (readonly [name: string, value: string | undefined])[]): string {
  const rows = pairs.flatMap(([name, value]) =>
    value ? [`<div><dt>${visible(name)}</dt><dd><bdi>${value}</bdi></dd></div>`] : [],
  );
  return rows.length === 0 ? '' : `<dl>\n${rows.join('\n')}\n</dl>`;
}

/** An integration on a page. Only a `data:` URL of a logo is shown, because pages load nothing. */
export type IntegrationBadge = { name: string; host: string; logoUrl?: string };

export function badge({ name, host, logoUrl }: IntegrationBadge): string {
  const isEmbedded = logoUrl !== undefined && /^data:image\/(?:png|jpeg|gif|webp|svg\+xml)[;,]/.test(logoUrl);
  const logo = isEmbedded
    ? `<img src="${escaped(logoUrl)}" alt="">`
    : visible([...name.trim()][0]?.toUpperCase() ?? '?');
  return `<div class="who"><span class="logo" aria-hidden="true">${logo}</span><div><strong><bdi>${visible(name)}</bdi></strong><br><small><bdi>${visible(host)}</bdi></small></div></div>`;
}

/**
 * A form around a whole page, so that its buttons can stay in view. Its first button receives Enter and does nothing, which prevents
 * accidental answers.
 * @param hidden the hidden fields, by name
 */
export const pageForm = (
  action: string,
  hidden: Readonly<Record<string, string>>,
  content: string,
  buttons: string,
): string =>
  `<form method="post" action="${action}">
<button disabled hidden></button>
${Object.entries(hidden)
  .map(([name, value]) => `<input type="hidden" name="${name}" value="${escaped(value)}">`)
  .join('\n')}
${content}
<div class="act">
${buttons}
</div>
</form>`;
