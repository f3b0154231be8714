// The first tab: what is wrong, the map, the table, and beside them the panel of the selected tensor.
import './layersTab.css';
import type { ModelView } from '../../src/protocol/modelView.ts';
import { Later } from './later.tsx';
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
        <div
          class={state.isPanelOpen.value ? 'layers split' : 'layers'}
          style={{ '--panel-width': `${state.panelWidth.value}px` }}
        >
          <div class="map-and-table">
            <BitMap state={state} />
            <LayerTable state={state} />
          </div>
          {state.isPanelOpen.value && (
            <Later draw={({ TensorPanel }) => <TensorPanel state={state} model={model} />} />
          )}
        </div>
      )}
    </>
  );
}
