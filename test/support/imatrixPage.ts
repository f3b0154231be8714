// The page of an importance matrix in a headless browser, over the real reader.
import type { Browser } from 'playwright-core';
import { createImatrixReader } from '../../src/app/imatrix/imatrixReader.ts';
import { createImatrixService } from '../../src/app/imatrix/imatrixService.ts';
import { diskAccess } from '../../src/node/fileSource.ts';
import type { ImatrixHost, ImatrixPushes } from '../../src/protocol/imatrixView.ts';
import { type ServedPage, servePage } from './servedPage.ts';
import type { PageOptions } from './webviewPage.ts';

export interface OpenImatrix extends ServedPage<ImatrixPushes> {
  readonly copied: string[];
  readonly commands: string[];
  readonly files: Map<string, Uint8Array>;
}

export async function openImatrixPage(
  browser: Browser,
  path: string,
  options: PageOptions = {},
): Promise<OpenImatrix> {
  const [copied, commands, files]: [string[], string[], Map<string, Uint8Array>] = [[], [], new Map()];
  let saved: unknown = null;
  const service = createImatrixService(path, createImatrixReader(diskAccess), {
    run: async (command) => void commands.push(command),
    copy: async (text) => void copied.push(text),
    saveFile: async (name, bytes) => void files.set(name, bytes),
    loadState: () => saved,
    saveState: async (state) => void (saved = state),
  });
  const served = await servePage<ImatrixHost, ImatrixPushes>(browser, 'imatrix', service, options);
  return { ...served, copied, commands, files };
}
