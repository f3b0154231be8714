// What package.json promises and what the code and the files keep.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root, textOf } from './sources.ts';

interface Manifest {
  readonly main: string;
  readonly bin: Readonly<Record<string, string>>;
  readonly activationEvents?: readonly string[];
  readonly extensionKind: readonly string[];
  readonly engines: { readonly vscode: string };
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly dependencies?: unknown;
  readonly capabilities: {
    readonly untrustedWorkspaces: { readonly supported: unknown; readonly description?: string };
  };
  readonly contributes: {
    readonly commands: readonly { readonly command: string; readonly category?: string }[];
    readonly customEditors: readonly { readonly viewType: string }[];
    readonly menus: Readonly<Record<string, readonly { readonly command?: string }[]>>;
    readonly configuration: { readonly properties: Readonly<Record<string, object>> };
    readonly keybindings: readonly { readonly command: string }[];
  };
}

const text = textOf('package.json');
const manifest = JSON.parse(text) as Manifest;
const { contributes } = manifest;
const commands = contributes.commands.map(({ command }) => command);

describe('package.json', () => {
  it('contributes exactly the commands and editors that the code names', () => {
    const inCode = [...textOf('src/extension/ids.ts').matchAll(/'(quantscope\.\w+)'/g)].map(
      (match) => match[1],
    );
    const contributed = [...commands, ...contributes.customEditors.map(({ viewType }) => viewType)];
    expect(contributed.sort()).toEqual(inCode.sort());
  });

  it('contributes exactly the settings that the code reads', () => {
    const inCode = [
      ...textOf('src/extension/ids.ts').matchAll(/(?<=SETTINGS = \{[^}]*)'(quantscope\.[\w.]+)'/g),
    ];
    expect(inCode.map((match) => match[1])).toEqual(Object.keys(contributes.configuration.properties));
  });

  it('names only its own commands in menus and keybindings', () => {
    const named = [...Object.values(contributes.menus).flat(), ...contributes.keybindings];
    expect(
      named.map(({ command }) => command).filter((command) => !commands.includes(command ?? '')),
    ).toEqual([]);
  });

  it('groups every command under Quantscope in the palette', () => {
    expect(contributes.commands.filter(({ category }) => category !== 'Quantscope')).toEqual([]);
  });

  it('names only files that exist', () => {
    const named = [...text.matchAll(/"(\.\/media\/[^"]+|media\/[^"]+)"/g)].map((match) => match[1] ?? '');
    expect(named.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });

  it('activates by what it contributes, for a page that is opened again after a reload, and for hovers in JSON files', () => {
    const viewOf = (constant: string, file: string): string | undefined =>
      new RegExp(`${constant} = '([\\w.]+)'`).exec(textOf(`src/extension/${file}`))?.[1];
    const views = [
      viewOf('QUALITY_VIEW', 'qualityPanel.ts'),
      viewOf('PLANNER_VIEW', 'plannerPanel.ts'),
      viewOf('REQUANTIZE_VIEW', 'requantizePanel.ts'),
    ];
    const pages = views.map((view) => `onWebviewPanel:${view}`);
    expect(manifest.activationEvents).toEqual(['onLanguage:json', ...pages]);
  });

  it('works in untrusted workspaces, where it says what it does not do, and beside the files, also remotely', () => {
    const { supported, description } = manifest.capabilities.untrustedWorkspaces;
    expect([supported, typeof description]).toEqual(['limited', 'string']);
    expect(manifest.extensionKind).toEqual(['workspace']);
  });

  it('is compiled against the oldest VS Code that it accepts', () => {
    expect(manifest.engines.vscode).toBe(`^${manifest.devDependencies['@types/vscode'] ?? ''}`);
  });

  it('ships bundles only: nothing is installed beside the extension', () => {
    expect(manifest.dependencies).toBeUndefined();
  });
});
