// The first tab: what is wrong, the map, the table.
import type { ModelView } from '../../src/protocol/modelView.ts';
import { BitMap } from './map/bitMap.tsx';
import { ProblemStrip } from './problems.tsx';
import { NoTensors } from './standIns.tsx';
import type { InspectorState } from './state.ts';
import { LayerTable } from './table/layerTable.tsx';

export function LayersTab({ state, model }: { readonly state: InspectorState; readonly model: ModelView }) {
  return (
    <>
      <ProblemStrip state={state} model={model} />
      {model.tensorCount === 0 ? (
        <NoTensors state={state} model={model} />
      ) : (
        <>
          <BitMap state={state} />
          <LayerTable state={state} />
        </>
      )}
    </>
  );
}
