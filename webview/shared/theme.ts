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
new MutationObserver(() => (current.value = themeOfBody())).observe(document.body, {
  attributeFilter: ['class'],
});

export const theme: ReadonlySignal<ThemeKind> = current;
