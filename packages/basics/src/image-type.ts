/** The format of an image by its first bytes; undefined for any other, such as SVG, which can contain scripts. */
export function imageTypeOf(image: Buffer): 'image/png' | 'image/vnd.microsoft.icon' | 'image/webp' | undefined {
  const hex = image.toString('hex', 0, 16);
  // The signature, and the header chunk that must follow it.
  if (/^89504e470d0a1a0a.{8}49484452/.test(hex)) return 'image/png';
  // A directory of at least one icon.
  if (/^00000100(?!0000)/.test(hex) && image.length > 22) return 'image/vnd.microsoft.icon';
  // RIFF, its size, and WEBPVP8 in one of three forms.
  return /^52494646.{8}57454250565038/.test(hex) ? 'image/webp' : undefined;
}
