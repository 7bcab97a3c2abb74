const env = process.env;

/** Ends the process with one sentence if a setting cannot be used. */
export const readConfig = () => ({
  port: Number(setting('PORT', /^\d{1,5}$/, 'a port, such as 4100')),
  appUrl: setting('APP_URL', /^https?:\/\/[^/]+$/, 'the origin of this product, such as https://desk.example.com'),
  sessionSecret: setting('SESSION_SECRET', /^.{32}/, 'a random text of at least 32 characters'),
  errandUrl: setting('ERRAND_URL', /^https?:\/\/[^/]+$/, 'the origin of Errand, such as https://errand.example.com'),
  apiKey: setting('ERRAND_API_KEY', /^er_live_/, 'an API key of Errand, which begins with er_live_'),
  webhookSecret: setting('ERRAND_WEBHOOK_SECRET', /^whsec_/, 'the secret of the webhook, which begins with whsec_'),
});

function setting(name: string, pattern: RegExp, expected: string): string {
  const value = env[name] ?? '';
  if (pattern.test(value)) return value;
  console.error(`${name} must be ${expected}.`);
  return process.exit(1);
}
