import { Copy } from 'lucide-react';
import { toast } from '../controls/toast.tsx';

/** Copies a text. @param name of the text, for the label: "Copy the id of the errand" */
export function CopyButton({ text, name }: { text: string; name: string }) {
  return (
    <button
      type="button"
      aria-label={`Copy ${name}`}
      title={`Copy ${name}`}
      className="rounded p-1 text-dim hover:bg-soft"
      onClick={() => void copy(text)}
    >
      <Copy size={13} aria-hidden="true" />
    </button>
  );
}

/** Copies a text, and says so. Browsers refuse the clipboard to addresses that are neither https nor of this computer. */
export async function copy(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    toast('Copied.');
  } catch {
    toast('This browser does not let the page copy. Select the text instead.', { isBad: true });
  }
}
