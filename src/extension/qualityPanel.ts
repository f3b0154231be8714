// The Quality pages of models.
import * as vscode from 'vscode';
import {
  connectQualityPage,
  createQualityService,
  type QualityShell,
  type QualitySources,
} from '../app/quality/qualityService.ts';
import type { PlanPart, QualityHost, QualityPushes } from '../protocol/quality.ts';
import { saveFile } from './modelEditor.ts';
import { createModelPages, type ModelPages, openLayers } from './modelPages.ts';

/** package.json names it where the extension is activated. */
const QUALITY_VIEW = 'quantscope.quality';

export interface QualityPages extends Omit<ModelPages<QualityPushes>, 'show' | 'push'> {
  /** Opens the page of a model, or brings it to the front. @param id of a measurement to show */
  show(path: string, id?: string): void;
}

export interface PageServices {
  readonly sources: QualitySources;
  readonly pick: (path: string, part: PlanPart) => Promise<void>;
  readonly log: vscode.LogOutputChannel;
}

export function createQualityPages(
  context: vscode.ExtensionContext,
  { sources, pick, log }: PageServices,
): QualityPages {
  const pages = createModelPages<QualityHost, QualityPushes>(context, {
    viewType: QUALITY_VIEW,
    script: 'quality',
    title: (fileName) => `Quality: ${fileName}`,
    statesKey: 'quantscope.qualityPages',
    serve(path, own) {
      const shell: QualityShell = {
        ...own,
        pick: (part) => pick(path, part),
        async openModel(model, page) {
          if (page === 'quality') show(model);
          else await openLayers(model);
        },
        showLog: () => log.show(true),
        saveFile: (name, bytes) => saveFile(vscode.Uri.file(path), name, bytes),
      };
      return createQualityService(path, sources, shell);
    },
    connect: (path, push) => [
      new vscode.Disposable(connectQualityPage(path, sources, push)),
      vscode.workspace.onDidGrantWorkspaceTrust(() => push('changed', null)),
    ],
  });
  const show = (path: string, id?: string): void => {
    pages.show(path);
    if (id !== undefined) pages.push(path, 'show', { id });
  };
  return { ...pages, show };
}
