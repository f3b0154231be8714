// What pages saved for their files, so that a file opened again looks as it was left. Bounded: the oldest is forgotten.
import type * as vscode from 'vscode';

export interface PageStates {
  load(uri: vscode.Uri): unknown;
  save(uri: vscode.Uri, state: unknown): Promise<void>;
}

const KEY = 'quantscope.pages';
const MAX_FILES = 50;

type Saved = readonly { readonly uri: string; readonly state: unknown }[];

export function createPageStates(memento: vscode.Memento): PageStates {
  const all = (): Saved => memento.get<Saved>(KEY, []);
  return {
    load: (uri) => all().find((entry) => entry.uri === uri.toString())?.state ?? null,
    async save(uri, state) {
      const others = all().filter((entry) => entry.uri !== uri.toString());
      await memento.update(KEY, [...others.slice(1 - MAX_FILES), { uri: uri.toString(), state }]);
    },
  };
}
