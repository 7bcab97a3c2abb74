import { useState } from 'react';

type ServiceLogoProps = { name: string; path?: string | undefined; isLarge?: boolean };

/** The logo of a service, as Errand stored it; otherwise the first letters of its name. */
export function ServiceLogo({ name, path, isLarge = false }: ServiceLogoProps) {
  const [failed, setFailed] = useState<string>();
  const size = isLarge ? 'size-10 text-lg' : 'size-8';
  if (path !== undefined && path !== failed)
    return (
      <img
        src={path}
        alt=""
        loading="lazy"
        className={`${size} shrink-0 rounded-lg border border-line bg-white object-contain p-0.5`}
        onError={() => setFailed(path)}
      />
    );
  return (
    <span
      aria-hidden="true"
      className={`${size} inline-flex shrink-0 items-center justify-center rounded-lg border border-line bg-soft font-semibold text-dim`}
    >
      {initialsOf(name)}
    </span>
  );
}

const initialsOf = (name: string): string => {
  const words = name.match(/[\p{L}\p{N}]+/gu) ?? [];
  const [first = '?', second] = words;
  return (second === undefined ? [...first].slice(0, 2) : [[...first][0], [...second][0]]).join('').toUpperCase();
};
