import type { ComponentProps, ReactNode } from 'react';

const LOOKS = {
  plain: 'border-line bg-pane text-ink hover:bg-soft',
  accent: 'border-accent bg-accent text-on-accent hover:opacity-90',
  good: 'border-good bg-good text-on-good hover:opacity-90',
  danger: 'border-bad bg-pane text-bad hover:bg-bad-soft',
  quiet: 'border-transparent text-ink hover:bg-soft',
} as const;

type ButtonProps = Omit<ComponentProps<'button'>, 'disabled'> & {
  look?: keyof typeof LOOKS;
  /** The shortcut, shown after the text. */
  shortcut?: string;
  isBusy?: boolean;
  /** Why the button is off. It stays in the order of the keyboard, so that everybody can read the reason. */
  offBecause?: string | undefined;
};

export const buttonClass = (look: keyof typeof LOOKS = 'plain'): string =>
  `inline-flex items-center justify-center gap-1.5 rounded-lg border px-3 py-1.5 font-semibold sm:whitespace-nowrap aria-disabled:opacity-55 ${LOOKS[look]}`;

/** A button. With `offBecause` it does nothing and says why. */
export function Button({
  look,
  shortcut,
  isBusy,
  offBecause,
  className = '',
  children,
  onClick,
  ...rest
}: ButtonProps) {
  const isOff = offBecause !== undefined || isBusy === true;
  return (
    <button
      type="button"
      {...rest}
      className={`${buttonClass(look)} ${className}`}
      aria-disabled={isOff || undefined}
      aria-busy={isBusy || undefined}
      title={offBecause ?? rest.title}
      onClick={(event) => {
        if (isOff) event.preventDefault();
        else onClick?.(event);
      }}
    >
      {children}
      {offBecause !== undefined && <span className="sr-only">({offBecause})</span>}
      {shortcut !== undefined && <Kbd>{shortcut}</Kbd>}
    </button>
  );
}

const Kbd = ({ children }: { children: ReactNode }) => (
  <span aria-hidden="true" className="rounded border border-current px-1 font-mono text-xs opacity-85 max-sm:hidden">
    {children}
  </span>
);
