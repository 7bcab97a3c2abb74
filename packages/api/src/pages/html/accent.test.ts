import { expect, test } from 'vitest';
import { en } from '../texts/en.ts';
import { accentStyle, contrastOf } from './accent.ts';
import { brandedHeaders, layout } from './layout.ts';

test.each([
  ['#000000', '#ffffff', 21],
  ['#ffffff', '#ffffff', 1],
  ['#777777', '#ffffff', 4.48],
  ['#ffff00', '#ffffff', 1.07],
])('the contrast of %s and %s is %d', (a, b, contrast) => {
  expect(contrastOf(a, b)).toBeCloseTo(contrast, 2);
  expect(contrastOf(b, a)).toBeCloseTo(contrast, 2);
});

/** The colors of the button: in light pages, then in dark ones. */
const buttons = (color: string) =>
  [...accentStyle(color).matchAll(/--button: ([^;]+); --on-button: ([^;]+);/g)].map(([, button, text]) => [
    button,
    text,
  ]);

test.each([
  ['#0b5fff', ['#0b5fff', '#ffffff'], ['#0b5fff', '#ffffff']],
  // Too light for white cards.
  ['#ffff00', ['var(--yes)', '#fff'], ['#ffff00', '#000000']],
  // Too dark for dark cards.
  ['#1a0033', ['#1a0033', '#ffffff'], ['var(--yes)', '#fff']],
])('buttons have the color %s where it stands out', (color, light, dark) => {
  expect(buttons(color)).toEqual([light, dark]);
});

test('any color leaves texts at 4.5:1 and controls at 3:1', () => {
  const levels = ['00', '33', '66', '99', 'cc', 'ff'];
  for (const red of levels)
    for (const green of levels)
      for (const blue of levels) {
        const [light, dark] = buttons(`#${red}${green}${blue}`);
        for (const [[button, text], card] of [
          [light!, '#ffffff'],
          [dark!, '#1d1f22'],
        ] as const) {
          if (button === 'var(--yes)') continue;
          expect(contrastOf(button!, text!)).toBeGreaterThanOrEqual(4.5);
          expect(contrastOf(button!, card)).toBeGreaterThanOrEqual(3);
        }
      }
});

test('a text that is no color gives no style', () => {
  expect(accentStyle('red;} body { display: none')).toBe('');
});

const brand = { name: '<b>Acme</b> & Co', color: '#0b5fff', logo: '/v1/brand/w/h' };

test('a page shows the brand instead of the product and the workspace, as text', () => {
  const page = layout({ texts: en, brand, workspace: 'prod' }, 'Title', '<p>x</p>');
  expect(page).toContain(
    '<img src="/v1/brand/w/h" alt=""><span><strong><bdi>&lt;b&gt;Acme&lt;/b&gt; &amp; Co</bdi></strong></span>',
  );
  expect(page).not.toMatch(/Errand|prod|<b>/);
  expect(layout({ texts: en, brand: { color: '#0b5fff' }, workspace: 'prod' }, 'T', '')).toContain(
    'prod</strong> · Errand',
  );
});

test('the policy allows the style of the color and the logo, and only then', async () => {
  const policy = brandedHeaders(brand)['content-security-policy'];
  const page = layout({ texts: en, brand }, 'T', '');
  for (const [, style = ''] of page.matchAll(/<style>(.*?)<\/style>/gs)) {
    const digest = Buffer.from(await crypto.subtle.digest('SHA-256', Buffer.from(style))).toString('base64');
    expect(policy).toContain(`'sha256-${digest}'`);
  }
  expect(policy).toContain("img-src data: 'self';");
  expect(policy).not.toContain('unsafe-inline');
  expect(brandedHeaders(undefined)['content-security-policy']).toContain('img-src data:;');
  expect(brandedHeaders({ name: 'Acme' })).toEqual(brandedHeaders(undefined));
});
