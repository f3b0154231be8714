// What VS Code puts into a webview before the page's own styles: theme variables, body classes, default styles.
// themes/*.json: the variables that VS Code 1.100 sets on the root element of a webview, per theme, as read there.
import { readFileSync } from 'node:fs';

export type Theme = 'dark' | 'light' | 'hc' | 'hcLight';

const THEME_NAMES = {
  dark: 'Default Dark Modern',
  light: 'Default Light Modern',
  hc: 'Default High Contrast',
  hcLight: 'Default High Contrast Light',
} as const satisfies Record<Theme, string>;

const BODY_CLASS = {
  dark: 'vscode-dark',
  light: 'vscode-light',
  hc: 'vscode-high-contrast',
  hcLight: 'vscode-high-contrast-light vscode-high-contrast',
} as const satisfies Record<Theme, string>;

export const THEMES = Object.keys(THEME_NAMES) as readonly Theme[];

export interface ThemeMarkup {
  readonly bodyClass: string;
  readonly bodyKind: string;
  /** CSS text: the variables and VS Code's default styles of webviews, as far as they touch our pages. */
  readonly css: string;
}

/** Name and value of each. */
export function themeVariables(theme: Theme): [name: string, value: string][] {
  const text = readFileSync(new URL(`./themes/${theme}.json`, import.meta.url), 'utf8');
  return Object.entries(JSON.parse(text) as Record<string, string>);
}

export function themeMarkup(theme: Theme): ThemeMarkup {
  const rules = themeVariables(theme)
    .map(([name, value]) => `${name}:${value}`)
    .join(';');
  return {
    bodyClass: BODY_CLASS[theme],
    bodyKind: BODY_CLASS[theme].split(' ')[0] ?? '',
    css: `html{${rules}}${DEFAULT_STYLES}`,
  };
}

const DEFAULT_STYLES = `
html { scrollbar-color: var(--vscode-scrollbarSlider-background) var(--vscode-editor-background);
  /* the editor area lies behind a webview */ background: var(--vscode-editor-background); }
body { overscroll-behavior-x: none; background-color: transparent; color: var(--vscode-editor-foreground);
  font-family: var(--vscode-font-family); font-weight: var(--vscode-font-weight); font-size: var(--vscode-font-size);
  margin: 0; padding: 0 20px; }
img, video { max-width: 100%; max-height: 100%; }
a, a code { color: var(--vscode-textLink-foreground); }
p > a { text-decoration: var(--text-link-decoration); }
a:hover { color: var(--vscode-textLink-activeForeground); }
a:focus, input:focus, select:focus, textarea:focus { outline: 1px solid -webkit-focus-ring-color; outline-offset: -1px; }
code { font-family: var(--monaco-monospace-font); color: var(--vscode-textPreformat-foreground);
  background-color: var(--vscode-textPreformat-background); padding: 1px 3px; border-radius: 4px; }
kbd { background-color: var(--vscode-keybindingLabel-background); color: var(--vscode-keybindingLabel-foreground);
  border-style: solid; border-width: 1px; border-radius: 3px; border-color: var(--vscode-keybindingLabel-border);
  border-bottom-color: var(--vscode-keybindingLabel-bottomBorder);
  box-shadow: inset 0 -1px 0 var(--vscode-widget-shadow); vertical-align: middle; padding: 1px 3px; }
::-webkit-scrollbar { width: 10px; height: 10px; }
::-webkit-scrollbar-corner { background-color: var(--vscode-editor-background); }
::-webkit-scrollbar-thumb { background-color: var(--vscode-scrollbarSlider-background); }
`;
