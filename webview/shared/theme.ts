// Which kind of theme VS Code shows the page in; follows when the user changes it.
import { signal, type ReadonlySignal } from '@preact/signals';
import type { ThemeKind } from './colors.ts';

/** The most particular class first: VS Code marks a light high-contrast theme with both high-contrast classes. */
const BODY_CLASSES: readonly (readonly [className: string, theme: ThemeKind])[] = [
  ['vscode-high-contrast-light', 'hcLight'],
  ['vscode-high-contrast', 'hc'],
  ['vscode-light', 'light'],
];

const themeOfBody = (): ThemeKind =>
  BODY_CLASSES.find(([className]) => document.body.classList.contains(className))?.[1] ?? 'dark';

const current = signal<ThemeKind>(themeOfBody());
const changes = signal(0);
const observer = new MutationObserver(() => {
  current.value = themeOfBody();
  changes.value++;
});
observer.observe(document.body, { attributeFilter: ['class', 'data-vscode-theme-id'] });
observer.observe(document.documentElement, { attributeFilter: ['style'] }); // there the colors stand

export const theme: ReadonlySignal<ThemeKind> = current;

/** Counts changes of the theme, also from one dark theme to another: pictures that read colors are drawn again. */
export const themeChanges: ReadonlySignal<number> = changes;
