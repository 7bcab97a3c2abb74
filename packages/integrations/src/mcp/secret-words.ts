/** Names of secrets, which a form must not ask for, in English (first) and other frequent languages of services. */
const WORDS = [
  'pass ?(?:word|phrase|code|wd)|pwd|secrets?|credentials?|api ?key|private ?key|token|otp|one time code|cvv|cvc|security code',
  'pin ?(?:code|number)|your pin|(?:credit|debit|bank|payment) ?card|card ?(?:number|no|holder)|iban',
  // German, Dutch
  'passw[oö]rt|kennwort|zugangsdaten|einmalcode|sicherheitscode|kreditkarten?(?:nummer)?|kartennummer|api ?schlüssel|privater schlüssel',
  'wachtwoord|toegangscode|beveiligingscode|pincode|kaartnummer',
  // French, Spanish, Italian, Portuguese
  'mot de passe|code secret|jeton|carte (?:bancaire|bleue|de crédit)|numéro de (?:la )?carte|cryptogramme|clé (?:api|secrète|privée)',
  'contraseña|clave (?:secreta|privada|de acceso|api)|código de (?:seguridad|verificación)|tarjeta de (?:crédito|débito)|número de (?:la )?tarjeta',
  "parola d'ordine|codice (?:segreto|di sicurezza)|carta di (?:credito|debito)|numero (?:di|della) carta|chiave (?:segreta|privata|api)",
  'senha|palavra passe|código de segurança|cartão de (?:crédito|débito)|número do cartão|chave (?:secreta|privada|api)',
  // Polish
  'hasło|hasła|kod (?:pin|bezpieczeństwa)|kart[ay] (?:kredytow|płatnicz)(?:a|ej)|numer karty|klucz (?:api|prywatny)',
];
const SECRET = new RegExp(String.raw`(?<![\p{L}\p{N}])(?:${WORDS.join('|')})(?![\p{L}\p{N}])|^pin$`, 'iu');
/** Japanese and Chinese, which are written without spaces. */
const UNSPACED =
  /パスワード|暗証番号|認証コード|セキュリティコード|トークン|秘密鍵|クレジットカード|密码|密碼|口令|验证码|驗證碼|令牌|密钥|金鑰|信用卡|银行卡|銀行卡/;

/** Whether a text of a form asks for a secret. `apiKey` and `api_key` count as two words. */
export function asksForSecret(text: string): boolean {
  const words = text
    .normalize('NFKC')
    // The mark of a secret that the server echoed.
    .replaceAll('[secret]', '')
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/[_\-\s]+/g, ' ')
    .replaceAll('’', "'");
  return SECRET.test(words) || UNSPACED.test(words);
}
