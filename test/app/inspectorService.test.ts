import { describe, expect, it } from 'vitest';
import { createInspectorService } from '../../src/app/inspectorService.ts';
import { createHeaderReader } from '../../src/app/headerReader.ts';
import { createDiskAnalyzer } from '../../src/node/diskAnalyzer.ts';
import { diskAccess } from '../../src/node/fileSource.ts';
import { copyText } from '../../webview/shared/link.ts';
import { createDirectModelAnalyzer } from '../support/directModelAnalyzer.ts';
import { KERNEL_WASM } from '../support/tools.ts';

const never = new AbortController().signal;

function serviceWith(copied: string[]) {
  const sources = {
    reader: createHeaderReader(diskAccess),
    analyzer: createDiskAnalyzer(KERNEL_WASM),
    modelAnalyzer: createDirectModelAnalyzer(KERNEL_WASM),
  };
  return createInspectorService('/models/tiny.gguf', sources, {
    loadState: () => null,
    saveState: async () => undefined,
    loadPreferences: () => null,
    savePreferences: async () => undefined,
    saveFile: async () => undefined,
    copy: async (text) => void copied.push(text),
    run: async () => undefined,
    planDevice: () => null,
    painted: () => undefined,
  });
}

describe('copying', () => {
  it.each([0, 1, 250_000, 250_001, 1_000_000])(
    'puts a text of %i characters on the clipboard once',
    (length) => {
      const copied: string[] = [];
      const service = serviceWith(copied);
      const parts: number[] = [];
      const text = 'ab'.repeat(length / 2 + 1).slice(0, length);
      copyText(
        {
          ask: {
            copy: (part) => {
              parts.push(part.text.length);
              return service.copy(part, never);
            },
          },
        },
        text,
      );
      expect(copied).toEqual([text]);
      expect(Math.max(...parts)).toBeLessThanOrEqual(250_000);
    },
  );

  it('begins anew after each text', () => {
    const copied: string[] = [];
    const link = {
      ask: { copy: (part: { text: string; more: boolean }) => serviceWithOne.copy(part, never) },
    };
    const serviceWithOne = serviceWith(copied);
    copyText(link, 'first');
    copyText(link, 'second');
    expect(copied).toEqual(['first', 'second']);
  });
});
