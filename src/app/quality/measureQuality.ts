// Measures a model on a text, alone or against a base, where files may be read at once: checks both, then asks the engine.
import { NEVER_CANCELLED } from '../../core/base/cancel.ts';
import { openModel } from '../../core/formats/openModel.ts';
import type { Opened } from '../../core/formats/model.ts';
import type { AbortSignal } from '../../protocol/rpc.ts';
import type { FileAccess } from '../ports.ts';
import { totalsOf } from '../present/totals.ts';
import { checkedModel } from './checkedModel.ts';
import type { EngineNews } from './engine.ts';
import {
  type CheckedFile,
  type CheckedOrder,
  measureChecked,
  type MeasuredModel,
  type MeasuringPorts,
  type QualityMeasurement,
} from './measureChecked.ts';

/** Absolute paths in place of what was checked. */
export type QualityOrder = Omit<CheckedOrder, 'model' | 'base'> & {
  readonly model: string;
  readonly base: string | null;
};

export interface QualityPorts extends MeasuringPorts {
  readonly files: FileAccess;
}

/** @throws Failure when a file must not be opened, and as Engine.measure does */
export async function measureQuality(
  { files, ...ports }: QualityPorts,
  order: QualityOrder,
  tell: (news: EngineNews) => void,
  signal: AbortSignal,
): Promise<QualityMeasurement> {
  const check = (path: string): CheckedFile =>
    files.withFolder(path, (folder, fileName) => {
      const opened = openModel(folder, fileName, NEVER_CANCELLED);
      return { checked: checkedModel(path, opened), measured: measured(path, opened) };
    });
  const model = check(order.model);
  const base = order.base === null ? null : check(order.base);
  return measureChecked(ports, { ...order, model, base }, tell, signal);
}

function measured(path: string, { model }: Opened): MeasuredModel {
  const totals = model === null ? null : totalsOf(model);
  return { path, fileBytes: totals?.fileBytes ?? 0, bitsPerWeight: totals?.bitsPerWeight ?? null };
}
