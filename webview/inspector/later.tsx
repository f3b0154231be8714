// The door to the parts of the page that are loaded later: panel, charts, metadata.
import { signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import type * as parts from './parts.tsx';

type Parts = typeof parts;

const arrived = signal<Parts | null>(null);
const failed = signal(false);
let asked = false;

/** Loads them now, once; called when the first rows stand, and by whatever needs them earlier. */
export function loadLater(): void {
  if (asked) return;
  asked = true;
  Promise.all([import('./parts.tsx'), loadStyles('parts.css')]).then(
    ([loaded]) => (arrived.value = loaded),
    () => (failed.value = true),
  );
}

/** Draws what needs the parts as soon as they are there. */
export function Later({ draw }: { readonly draw: (parts: Parts) => ComponentChildren }) {
  if (arrived.value !== null) return <>{draw(arrived.value)}</>;
  loadLater();
  // They lie on the disk beside the first script: gone only when the extension was replaced under an open window.
  return failed.value ? <p class="reading">Quantscope was updated. Reload the window to go on.</p> : null;
}

/** A style sheet beside this script. */
function loadStyles(name: string): Promise<void> {
  const link = document.createElement('link');
  link.rel = 'stylesheet';
  link.href = new URL(name, import.meta.url).href;
  return new Promise((resolve, reject) => {
    link.onload = () => resolve();
    link.onerror = () => reject(new Error(`${name} could not be loaded`));
    document.head.append(link);
  });
}
