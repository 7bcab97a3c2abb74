const unreserved = /^[A-Za-z0-9_.~-]*$/;
const reservedLeftByEncodeURIComponent = /[!'()*]/g;
const percentEscape = (char: string): string => `%${char.charCodeAt(0).toString(16).toUpperCase()}`;

/** Percent-encodes all but the unreserved characters of RFC 3986. */
export const percentEncode = (text: string): string =>
  unreserved.test(text)
    ? text
    : encodeURIComponent(text.toWellFormed()).replace(reservedLeftByEncodeURIComponent, percentEscape);

/** As `percentEncode`, for `allowReserved`: keeps reserved characters, except those that would end the value or the query. */
export const percentEncodeAllowReserved = (text: string): string =>
  encodeURIComponent(text.toWellFormed()).replace(/%(3A|2F|3F|40|24|2C|3B)/g, (code) => decodeURIComponent(code));
