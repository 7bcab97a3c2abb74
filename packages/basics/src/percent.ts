const unreserved = /^[A-Za-z0-9_.~-]*$/;
const rest = /[!'()*]/g;
const hex = (char: string): string => `%${char.charCodeAt(0).toString(16).toUpperCase()}`;

/** Percent-encodes all but the unreserved characters of RFC 3986. */
export const encode = (text: string): string =>
  unreserved.test(text) ? text : encodeURIComponent(text.toWellFormed()).replace(rest, hex);

/** As `encode`, for `allowReserved`: keeps reserved characters, except those that would end the value or the query. */
export const encodeReserved = (text: string): string =>
  encodeURIComponent(text.toWellFormed()).replace(/%(3A|2F|3F|40|24|2C|3B)/g, (code) => decodeURIComponent(code));
