// The button of the analysis, always in the same place: it starts it, cancels it, or goes on with it; gone when all is done.
import { useLayoutEffect, useRef } from 'preact/hooks';
import { Button } from '../../shared/controls.tsx';
import type { IconName } from '../../shared/icon.tsx';
import type { InspectorState } from '../state.ts';
import { analysisAction, type AnalysisAction } from './progressText.ts';

const LOOKS: Readonly<Record<AnalysisAction, { readonly label: string; readonly icon: IconName }>> = {
  analyze: { label: 'Analyze', icon: 'graph' },
  continue: { label: 'Continue analysis', icon: 'graph' },
  cancel: { label: 'Cancel', icon: 'primitive-square' },
};

/** @param leaveTo gets the focus when the button goes while it has it */
export function AnalyzeButton({
  state,
  leaveTo,
}: {
  readonly state: InspectorState;
  readonly leaveTo: string;
}) {
  const place = useRef<HTMLSpanElement>(null);
  const next = analysisAction(state.analysis.value);
  // What is shown is no longer what is on the disk: its analysis would be another model's.
  const action = next === 'cancel' || state.fileState.value === 'same' ? next : null;
  const hasFocus = place.current?.contains(document.activeElement) === true;
  useLayoutEffect(() => {
    if (action === null && hasFocus) document.getElementById(leaveTo)?.focus();
  }, [action]);

  if (action === null) return <span ref={place} />;
  const { label, icon } = LOOKS[action];
  const act = action === 'cancel' ? cancelAnalysis : analyze;
  return (
    <span ref={place} class="analyze">
      <Button
        appearance={action === 'cancel' ? 'secondary' : 'primary'}
        icon={icon}
        onClick={() => act(state)}
      >
        {label}
      </Button>
    </span>
  );
}

/** How it goes on, and what fails, is told by statuses. The map shows what was asked for, unless it shows a measure already. */
export function analyze({ link, mapMeasure }: InspectorState): void {
  if (mapMeasure.peek() === 'bits') mapMeasure.value = 'outliers';
  link.ask.analyze(null).catch(() => undefined);
}
function cancelAnalysis({ link }: InspectorState): void {
  link.ask.cancelAnalysis(null).catch(() => undefined);
}
