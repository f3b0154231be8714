// The models that are open in editors, and which of them is in front.
import * as vscode from 'vscode';
import type { InspectorPushes } from '../protocol/inspector.ts';
import type { ModelSnapshot } from '../protocol/modelView.ts';
import type { ServerEnd } from '../protocol/rpc.ts';
import type { ModelDocument } from './modelDocument.ts';

/** One editor that shows a model: a page and its channel. */
export interface ModelEditor {
  readonly document: ModelDocument;
  readonly panel: vscode.WebviewPanel;
  readonly page: ServerEnd<InspectorPushes>;
}

export interface OpenModels extends vscode.Disposable {
  /** The editor in front, if it shows a model. */
  active(): ModelEditor | null;
  /** All editors of one file. */
  editorsOf(uri: vscode.Uri): ModelEditor[];
  add(editor: ModelEditor): void;
  remove(editor: ModelEditor): void;
  /** The model in front was loaded, reloaded or replaced by another. */
  readonly onDidChangeActive: vscode.Event<void>;
  /** A file was read (snapshot) or its last editor closed (null). */
  readonly onDidRead: vscode.Event<{ readonly uri: vscode.Uri; readonly snapshot: ModelSnapshot | null }>;
  read(uri: vscode.Uri, snapshot: ModelSnapshot): void;
}

export function createOpenModels(): OpenModels {
  const editors = new Set<ModelEditor>();
  const changed = new vscode.EventEmitter<void>();
  const wasRead = new vscode.EventEmitter<{ uri: vscode.Uri; snapshot: ModelSnapshot | null }>();
  const editorsOf = (uri: vscode.Uri): ModelEditor[] =>
    [...editors].filter(({ document }) => document.uri.toString() === uri.toString());
  return {
    onDidChangeActive: changed.event,
    onDidRead: wasRead.event,
    active: () => [...editors].find(({ panel }) => panel.active) ?? null,
    editorsOf,
    add(editor) {
      editors.add(editor);
      editor.panel.onDidChangeViewState(() => changed.fire());
      changed.fire();
    },
    remove(editor) {
      editors.delete(editor);
      const { uri } = editor.document;
      if (editorsOf(uri).length === 0) wasRead.fire({ uri, snapshot: null });
      changed.fire();
    },
    read(uri, snapshot) {
      wasRead.fire({ uri, snapshot });
      changed.fire();
    },
    dispose() {
      changed.dispose();
      wasRead.dispose();
    },
  };
}
