// The Quality page in a headless browser, over the real service.
import type { Browser } from 'playwright-core';
import {
  connectQualityPage,
  createQualityService,
  type QualitySources,
} from '../../src/app/quality/qualityService.ts';
import type { QualityHost, QualityPushes } from '../../src/protocol/quality.ts';
import { recordingShell, type RecordingShell } from './quality.ts';
import { type ServedPage, servePage } from './servedPage.ts';
import type { PageOptions } from './webviewPage.ts';

export interface OpenQuality extends ServedPage<QualityPushes> {
  readonly shell: RecordingShell;
}

export interface QualityOptions extends PageOptions {
  /** Stands in front of the service: for states that a real measurement has only for a moment. */
  readonly change?: (host: QualityHost) => QualityHost;
  readonly shell?: RecordingShell;
}

export async function openQuality(
  browser: Browser,
  path: string,
  sources: QualitySources,
  { change = (host) => host, shell = recordingShell(), ...options }: QualityOptions = {},
): Promise<OpenQuality> {
  const service = change(createQualityService(path, sources, shell));
  const served = await servePage<QualityHost, QualityPushes>(browser, 'quality', service, {
    ...options,
    connect: (push) => connectQualityPage(path, sources, push),
  });
  return { ...served, shell };
}
