const MARK = '[secret]';
/** Shorter secrets would turn every other word into a mark. */
const MIN_LENGTH = 4;

/** The base64 forms of a text at the three offsets (modulo 3) at which it can begin within other text. */
function base64Forms(text: string): string[] {
  return [0, 1, 2].flatMap((shift) => {
    const encoded = Buffer.concat([Buffer.alloc(shift), Buffer.from(text)])
      .toString('base64')
      .replace(/=+$/, '');
    // The first and last characters also hold bits of the text around it.
    const inner = encoded.slice(
      shift === 0 ? 0 : shift + 1,
      (shift + Buffer.byteLength(text)) % 3 === 0 ? undefined : -1,
    );
    return inner.length >= 8 ? [inner, inner.replaceAll('+', '-').replaceAll('/', '_')] : [];
  });
}

/** Every way in which a service may echo a secret: as it is, URL-encoded, in base64. Longest first. */
export function secretForms(secrets: readonly string[]): string[] {
  const forms = new Set<string>();
  for (const secret of secrets) {
    if (secret.length < MIN_LENGTH) continue;
    for (const form of [secret, encodeURIComponent(secret.toWellFormed()), ...base64Forms(secret)]) forms.add(form);
  }
  return [...forms].sort((a, b) => b.length - a.length);
}

/** Text with every form of the secrets replaced. */
export function redact(text: string, forms: readonly string[]): string {
  let out = text;
  for (const form of forms) if (out.includes(form)) out = out.replaceAll(form, MARK);
  return out;
}
