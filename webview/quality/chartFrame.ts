// What both charts of the page share: whose they are, and where their copies go.
import type { ChartFrame } from '../shared/charts/chart.tsx';
import { copyText } from '../shared/link.ts';
import type { QualityState } from './state.ts';

export function chartFrame({ link, view, asTable }: QualityState): ChartFrame {
  const { label, fileName } = view.value?.model ?? { label: '', fileName: '' };
  return {
    subject: label,
    fileStem: fileName.replace(/\.gguf$/i, ''),
    asTable: asTable.value,
    isEstimate: false,
    copy: (csv) => copyText(link, csv),
    save: (name, bytes) => void link.ask.saveFile({ name, bytes }).catch(() => undefined), // the host tells what failed
  };
}
