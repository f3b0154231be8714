// What pages saved for their files, so that a file opened again looks as it was left. Bounded: the oldest is forgotten.
import type * as vscode from 'vscode';

export interface PageStates {
  load(uri: vscode.Uri): unknown;
  save(uri: vscode.Uri, state: unknown): Promise<void>;
}

const MAX_FILES = 50;

type Saved = readonly { readonly uri: string; readonly state: unknown }[];

/** @param key of this kind of pages */
export function createPageStates(memento: vscode.Memento, key = 'quantscope.pages'): PageStates {
  const all = (): Saved => memento.get<Saved>(key, []);
  return {
    load: (uri) => all().find((entry) => entry.uri === uri.toString())?.state ?? null,
    async save(uri, state) {
      const others = all().filter((entry) => entry.uri !== uri.toString());
      await memento.update(key, [...others.slice(1 - MAX_FILES), { uri: uri.toString(), state }]);
    },
  };
}
