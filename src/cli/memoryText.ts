// A memory plan as text for a terminal: the verdict, a line a part, what would fit, the settings to copy.
import type { ModelPlan } from '../app/plan/planModel.ts';
import { formatCount, formatMemory, plural } from '../core/base/units.ts';
import { visibleText } from '../core/base/visibleText.ts';
import type { Model } from '../core/formats/model.ts';
import { smallestDevice } from '../core/plan/devices.ts';
import { formulaText } from '../core/plan/formula.ts';
import { type MemoryPart, PART_NAMES } from '../core/plan/memoryPlan.ts';
import { llamaCppSettings, ollamaSettings, SERVER_KEEPS } from '../core/plan/settings.ts';
import { cacheWords, hasCache, settingsWords, shortCount } from '../core/plan/verdict.ts';
import { table } from './table.ts';

export function planText(path: string, model: Model, answer: ModelPlan): string {
  const verdict = answer.fit?.verdict.text ?? null;
  const lines = [
    visibleText(model.name ?? path),
    ...(verdict === null ? [] : [verdict]),
    ...(answer.refusal === null ? [] : [`llama.cpp refuses this cache: ${answer.refusal}`]),
    '',
    ...parts(answer),
    '',
    ...suggestions(answer),
    ...settings(answer),
    ...(answer.notes.length === 0 ? [] : ['', ...answer.notes.map((note) => visibleText(note))]),
  ];
  return `${lines.join('\n')}\n`;
}

function parts({ plan, request, shape }: ModelPlan): string[] {
  const row = ({ id, gpuBytes, cpuBytes, certainty, formula }: MemoryPart): string[] => {
    const sign = certainty === 'exact' ? '' : '≈ ';
    return [PART_NAMES[id], memory(gpuBytes, sign), memory(cpuBytes, sign), formulaText(formula)];
  };
  const { gpuLayers } = request;
  const context = `${settingsWords(request, plan)}, ${formatCount(gpuLayers)} of ${formatCount(shape.layers.length + 1)} layers on the GPU`;
  return [
    context,
    ...table(
      [
        ['', 'GPU', 'RAM', ''],
        ...plan.parts.map(row),
        ['total', memory(plan.gpuBytes, '≈ '), memory(plan.cpuBytes, '≈ '), ''],
      ],
      [true, false, false, true],
    ),
  ];
}

const memory = (bytes: number, sign: string): string => (bytes === 0 ? '–' : `${sign}${formatMemory(bytes)}`);

function suggestions({ fit, plan, shape, request, fineTuning }: ModelPlan): string[] {
  const rows: string[][] = [];
  if (fit === null && plan.gpuBytes > 0) {
    const device = smallestDevice(plan.gpuBytes);
    const needed = device === null ? 'more than one' : `${device.memoryGiB} GB, such as ${device.name}`;
    rows.push(['the GPU it needs', needed]);
  }
  if (fit !== null) {
    const { largestContext, mostGpuLayers, mixes, expertsOnCpu, speeds } = fit;
    const isTrained = largestContext !== null && largestContext >= (shape.contextTrained ?? Infinity);
    rows.push(
      [
        'largest context',
        largestContext === null
          ? 'none fits'
          : `${plural(largestContext, 'token')}${request.sequences > 1 ? ` × ${formatCount(request.sequences)}` : ''}${hasCache(plan) ? ` with ${cacheWords(request)} KV` : ''}${isTrained ? ', all it was trained for' : ''}`,
      ],
      [
        'layers on the GPU',
        `${formatCount(mostGpuLayers)} of ${formatCount(shape.layers.length + 1)} fit with ${shortCount(request.contextTokens)} context`,
      ],
    );
    if (!fit.verdict.fits && expertsOnCpu !== null)
      rows.push([
        'or experts in RAM',
        `of ${plural(expertsOnCpu, 'layer')}: -ngl ${shape.layers.length + 1} --n-cpu-moe ${expertsOnCpu}`,
      ]);
    const [slowest, fastest] = [speeds[0], speeds.at(-1)];
    if (slowest !== undefined && fastest !== undefined)
      rows.push([
        'at most, tokens a second',
        [...new Set([slowest, fastest])]
          .map(
            ({ device, tokensPerSecond }) => `${formatCount(Math.round(tokensPerSecond))} (${device.name})`,
          )
          .join(' to '),
      ]);
    const best = mixes?.find((mix) => mix.fits);
    if (mixes !== null)
      rows.push([
        'best mix that fits',
        best === undefined
          ? 'none'
          : `${best.mix.name}, weights ≈ ${formatMemory(best.weightBytes)}, on the GPU ≈ ${formatMemory(best.plan.gpuBytes)}`,
      ]);
  }
  if (fineTuning !== null)
    rows.push([
      'to fine-tune',
      `${formatMemory(fineTuning.full.bytes)} all weights with Adam, ${formatMemory(fineTuning.qlora.bytes)} QLoRA of rank ${fineTuning.qlora.rank}, activations not counted`,
    ]);
  return table(rows, [true, true]);
}

function settings({ request }: ModelPlan): string[] {
  const ollama = ollamaSettings(request);
  return [
    ...table(
      [
        ['llama.cpp', llamaCppSettings(request)],
        ['Ollama', [...ollama.environment, ...ollama.modelfile].join(' · ')],
      ],
      [true, true],
    ),
    SERVER_KEEPS,
    ...(ollama.missing === null ? [] : [ollama.missing]),
  ];
}
