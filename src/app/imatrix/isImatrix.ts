// Whether a GGUF file that was opened as a model is an importance matrix: its header says so.
import type { ModelSnapshot } from '../../protocol/modelView.ts';

export const isImatrix = (snapshot: ModelSnapshot | null): boolean =>
  snapshot?.kind === 'model' &&
  snapshot.metadata.some(({ key, text }) => key === 'general.type' && text === 'imatrix');
