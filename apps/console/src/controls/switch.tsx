type SwitchProps = {
  /** For people who do not see it: "List deals". */
  label: string;
  isOn: boolean;
  isBusy?: boolean;
  offBecause?: string | undefined;
  onToggle: () => void;
};

/** A switch. With `offBecause` it does nothing and says why. */
export function Switch({ label, isOn, isBusy = false, offBecause, onToggle }: SwitchProps) {
  const isOff = offBecause !== undefined || isBusy;
  return (
    <button
      type="button"
      role="switch"
      aria-checked={isOn}
      aria-label={offBecause === undefined ? label : `${label} (${offBecause})`}
      aria-disabled={isOff || undefined}
      aria-busy={isBusy || undefined}
      title={offBecause}
      onClick={() => !isOff && onToggle()}
      className={`inline-flex h-5 w-9 shrink-0 items-center rounded-full border p-0.5 aria-disabled:opacity-55 ${
        isOn ? 'justify-end border-accent bg-accent' : 'border-edge bg-soft'
      }`}
    >
      <span className={`size-3.5 rounded-full ${isOn ? 'bg-on-accent' : 'bg-edge'}`} />
    </button>
  );
}
