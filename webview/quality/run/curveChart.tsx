// The chart of the running perplexity, of a measurement or of the one that goes on.
import { formatCount } from '../../../src/core/base/units.ts';
import type { Curve } from '../../../src/protocol/quality.ts';
import { Chart } from '../../shared/charts/chart.tsx';
import { chartFrame } from '../chartFrame.ts';
import type { QualityState } from '../state.ts';
import { curveData, curvePlot } from './curvePlot.ts';

interface Props {
  readonly state: QualityState;
  readonly curve: Curve;
  readonly modelLabel: string;
  readonly baseLabel: string;
}

export function CurveChart({ state, curve, modelLabel, baseLabel }: Props) {
  return (
    <Chart
      {...chartFrame(state)}
      title="Running perplexity"
      finding={findingOf(curve)}
      data={() => curveData(curve)}
      plot={(width) => curvePlot({ curve, modelLabel, baseLabel }, width)}
      causes={[curve, modelLabel, baseLabel]}
    />
  );
}

function findingOf({ perplexity, chunks, pass }: Curve): string {
  const whose = pass === 'base' ? ' of the base' : '';
  return perplexity.length < chunks
    ? `${formatCount(perplexity.length)} of ${formatCount(chunks)} chunks${whose}, ± 1 standard error`
    : `over ${formatCount(chunks)} chunks${whose}, ± 1 standard error`;
}
