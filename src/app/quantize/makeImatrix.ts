// Makes an importance matrix of a model on a text: written beside the output, read by our own reader, then given its name.
import { NEVER_CANCELLED } from '../../core/base/cancel.ts';
import { cancelled, internal } from '../../core/base/failure.ts';
import type { Imatrix } from '../../core/formats/imatrix/imatrix.ts';
import { openModel } from '../../core/formats/openModel.ts';
import type { AbortSignal } from '../../protocol/rpc.ts';
import { checkedModel } from '../quality/checkedModel.ts';
import type { DeviceSettings } from '../quality/engine.ts';
import { openImportance } from './importance.ts';
import type { ImatrixNews, ImatrixResult } from './quantizeEngine.ts';
import type { QuantizePorts } from './quantizeModel.ts';

export interface ImatrixOrder {
  /** Absolute paths. */
  readonly model: string;
  readonly output: string;
  readonly text: { readonly name: string; readonly content: string };
  readonly contextTokens: number;
  readonly chunkLimit: number | null;
  readonly device: DeviceSettings;
  readonly force: boolean;
}

export interface MadeImatrix {
  readonly output: string;
  readonly imatrix: Imatrix;
  readonly result: ImatrixResult;
}

const PART_NAME = 'imatrix.gguf';

/** @throws Failure; EngineFailure when llama.cpp refuses or dies */
export async function makeImatrix(
  { files, engine, places }: QuantizePorts,
  { model, output, text, contextTokens, chunkLimit, device, force }: ImatrixOrder,
  tell: (news: ImatrixNews) => void,
  signal: AbortSignal,
): Promise<MadeImatrix> {
  const checked = files.withFolder(model, (folder, fileName) =>
    checkedModel(model, openModel(folder, fileName, NEVER_CANCELLED)),
  );
  const place = places.reserve({ output, files: [output], sources: [model], force });
  try {
    const { folder } = place;
    const request = {
      model: checked,
      text: text.content,
      textName: text.name,
      contextTokens,
      chunkLimit,
      device,
    };
    const result = await engine.imatrix(
      { ...request, output: { folder, fileName: PART_NAME } },
      tell,
      signal,
    );
    const imatrix = openImportance(place.files, `${folder}/${PART_NAME}`);
    if (imatrix.entries.length !== result.tensorCount)
      throw internal('The importance matrix is not what was computed, and was thrown away.');
    if (signal.aborted) throw cancelled();
    place.commit([[PART_NAME, output]]);
    return { output, imatrix, result };
  } finally {
    place.discard();
  }
}
