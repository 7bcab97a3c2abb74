// The name, the logo and the color under which end users see the pages of a workspace.
import { mutation, query, withTag } from '@errand/trpc-openapi/contract';
import { z } from 'zod';
import { count, doc, oneOf, text } from '../base/fields.ts';
import { Timestamp } from '../base/scalars.ts';

const MAX_NAME = 60;
/** Characters of base64: more than a logo may have, so that a larger one is refused by its size. */
const MAX_LOGO_TEXT = 256 * 1024;
/** Bytes of a logo. */
export const MAX_LOGO_BYTES = 64 * 1024;

/** Controls, format characters such as those that reverse the direction of text, separators, private and unassigned characters. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cn}\p{Cs}]/u;

const BrandName = z
  .string()
  .min(1)
  .max(MAX_NAME)
  .refine((name) => name.trim() === name && name !== '', 'Must not begin or end with a space.')
  .refine((name) => !UNSAFE.test(name), 'Must not contain control characters or invisible ones.')
  .meta(doc('The name, as plain text.', 'Acme Helpdesk'));

const BrandColor = z
  .string()
  .regex(/^#[0-9a-fA-F]{6}$/, 'Must be # and six hexadecimal digits.')
  .meta(doc('The color, as # and six hexadecimal digits.', '#0b5fff'));

export const logoTypes = ['image/png', 'image/vnd.microsoft.icon', 'image/webp'] as const;
export type LogoType = (typeof logoTypes)[number];

const BrandLogo = z
  .object({
    contentType: oneOf(logoTypes, 'The format, by the first bytes of the image.', 'image/png'),
    bytes: count('Its size in bytes.', 4096),
    sha256: text('SHA-256 of the image.', '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'),
    url: text(
      'Where pages load it, without a key. Another logo has another URL.',
      'https://errand.example.com/v1/brand/0192f0c1-7a42-7b15-9d22-3e7f9fac1d05/9f86d081884c7d659a2feaa0c55ad015',
    ),
  })
  .meta({ id: 'BrandLogo', description: 'The logo of a workspace.' });

const Brand = z
  .object({
    name: BrandName.optional(),
    color: BrandColor.optional(),
    logo: BrandLogo.optional(),
    updatedAt: Timestamp.optional().meta(doc('The last change. Absent before the first.', '2026-01-31T09:30:00.000Z')),
  })
  .meta({ id: 'Brand', description: 'The brand of a workspace. Parts that are not set are absent.' });
export type Brand = z.infer<typeof Brand>;

const SetBrandInput = z
  .strictObject({
    name: BrandName.nullable().optional().meta(doc('The name, as plain text; null removes it.', 'Acme Helpdesk')),
    color: BrandColor.nullable()
      .optional()
      .meta(doc('The color, as # and six hexadecimal digits; null removes it.', '#0b5fff')),
    logo: z
      .string()
      .min(1)
      .max(MAX_LOGO_TEXT)
      .nullable()
      .optional()
      .meta(
        doc(
          'A PNG, ICO or WebP image of at most 65,536 bytes, as base64; null removes it.',
          'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
        ),
      ),
  })
  .meta({ id: 'SetBrand', description: 'The parts to change. Absent parts stay.' });
export type SetBrandInput = z.output<typeof SetBrandInput>;

export const brandOperations = withTag('Instance', {
  brand: query({
    input: z.strictObject({}),
    output: Brand,
    scope: 'admin',
    http: {
      route: 'GET /v1/workspace/brand',
      summary: 'Get the brand',
      success: 'The brand.',
      description: 'The name, the color and the logo that the pages of the workspace show to end users.',
    },
  }),
  setBrand: mutation({
    input: SetBrandInput,
    output: Brand,
    scope: 'admin',
    http: {
      route: 'PUT /v1/workspace/brand',
      summary: 'Change the brand',
      success: 'The brand. Pages show it within ten seconds.',
      description:
        'Pages for end users show the name and the logo instead of those of Errand. The color is that of buttons where it has enough contrast, otherwise only that of a bar.',
    },
  }),
});
