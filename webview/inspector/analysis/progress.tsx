// How far the analysis is: a line along the lower edge of the tab strip and a line of text in it, so that nothing moves when
// they come and go; and the few sentences of it that are told aloud.
import { useRef } from 'preact/hooks';
import { STATS_KNOWN, type AnalysisStatus } from '../../../src/protocol/analysis.ts';
import { isRunning, progressLine, progressParts, shareDone } from '../../../src/protocol/analysisProgress.ts';
import { Icon } from '../../shared/icon.tsx';
import type { InspectorState } from '../state.ts';
import type { Stats } from '../stats.ts';
import { announcement, restBriefly, restText } from './progressText.ts';
import './analysis.css';

export function AnalysisProgress({ state }: { readonly state: InspectorState }) {
  const status = state.analysis.value;
  const wasSeenRunning = useRef(false);
  if (status === null) wasSeenRunning.current = false;
  else if (isRunning(status)) wasSeenRunning.current = true;
  return (
    <div class="analysis">
      {status !== null &&
        (isRunning(status) ? (
          <Running status={status} />
        ) : (
          <Resting status={status} stats={state.stats.value} />
        ))}
      {/* What was computed in another session is no news. */}
      <p class="unseen" role="status">
        {status !== null && wasSeenRunning.current && announcement(status)}
      </p>
    </div>
  );
}

function Running({ status }: { readonly status: AnalysisStatus }) {
  const parts = progressParts(status);
  const { doing, briefly, bytes, speed, timeLeft } = parts;
  const share = shareDone(status);
  return (
    <>
      <p class="analysis-text" title={progressLine(parts)}>
        <span class="analysis-doing">{doing}</span>
        <span class="analysis-briefly">{briefly}</span>
        <span class="analysis-bytes">{bytes}</span>
        <span class="analysis-speed">{speed}</span>
        <span class="analysis-left">{timeLeft}</span>
      </p>
      <svg
        class="analysis-line"
        role="progressbar"
        aria-label="Analysis"
        aria-valuenow={Math.round(share * 100)}
        aria-valuemin={0}
        aria-valuemax={100}
        viewBox="0 0 1 1"
        preserveAspectRatio="none"
      >
        <rect width={share} height="1" />
      </svg>
    </>
  );
}

function Resting({ status, stats }: { readonly status: AnalysisStatus; readonly stats: Stats | null }) {
  const text = restText(status, status.state === 'done' ? unavailableCount(stats) : 0);
  if (text === '') return null;
  return (
    <p class="analysis-text" title={text}>
      <span class="analysis-doing">
        {status.state === 'done' && <Icon name="warning" />}
        {text}
      </span>
      <span class="analysis-briefly">{restBriefly(status)}</span>
    </p>
  );
}

const UNAVAILABLE = STATS_KNOWN.indexOf('unavailable');
const unavailableCount = (stats: Stats | null): number =>
  stats?.known.reduce((count, known) => count + (known === UNAVAILABLE ? 1 : 0), 0) ?? 0;
