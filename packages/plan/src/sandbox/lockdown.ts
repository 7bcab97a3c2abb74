/**
 * Fixes the prototypes that every value inherits from, so that no job can affect the next one. An assignment could not override a frozen
 * member (`list.push = …`, a key named "constructor"), so members become accessors. Their setter defines an own member: the usual override,
 * without touching the prototype.
 */
export function lockDown(): void {
  Reflect.deleteProperty(Object.prototype, '__proto__');
  for (const prototype of [Object.prototype, Array.prototype, Function.prototype, Error.prototype]) {
    for (const [key, described] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
      if (described.configurable !== true || !('value' in described)) continue;
      const inherited: unknown = described.value;
      Object.defineProperty(prototype, key, {
        configurable: false,
        get: () => inherited,
        set(this: object, value: unknown) {
          if (this === prototype) throw new TypeError(`${key} may not be replaced.`);
          Object.defineProperty(this, key, { value, writable: true, enumerable: true, configurable: true });
        },
      });
    }
    Object.freeze(prototype);
  }
}
