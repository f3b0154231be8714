// Where llama.cpp computes, chosen from what it finds on this machine. The answer goes into the user's settings.
import * as vscode from 'vscode';
import type { DeviceChoice } from '../app/quality/engine.ts';
import { formatCount, plural } from '../core/base/units.ts';
import type { DeviceList } from '../protocol/engine.ts';
import type { ExtensionEngine } from './engineSettings.ts';
import { readSettings, writeSettings } from './engineSettings.ts';
import { QUALITY_COMMANDS } from './ids.ts';
import { ask, type Choice } from './steps.ts';

type Chosen =
  | { readonly kind: 'device'; readonly choice: DeviceChoice; readonly gpu: number | null }
  | { readonly kind: 'threads' | 'layers' | 'cuda' };

const CHOICES: Readonly<Record<string, DeviceChoice>> = { Vulkan: 'vulkan', CUDA: 'cuda', Metal: 'metal' };

export async function selectDevice(engine: ExtensionEngine): Promise<void> {
  const { device } = readSettings();
  const abort = new AbortController();
  const answer = await ask<Chosen>({
    title: 'Select Compute Device',
    placeholder: 'Where llama.cpp computes',
    choices: engine.devices(abort.signal).then((list) => choicesOf(list, engine)),
    isLast: (value) => value.kind === 'device' && value.choice === device.choice && value.gpu === device.gpu,
  });
  abort.abort();
  if (answer?.kind !== 'chosen') return;
  const { value } = answer;
  switch (value.kind) {
    case 'device':
      return writeSettings({ choice: value.choice, gpu: value.gpu });
    case 'threads':
      return changeNumber(
        'Threads',
        'Threads of the processor; 0: all cores but one',
        device.threads ?? 0,
        (threads) => writeSettings({ threads: threads === 0 ? null : threads }),
      );
    case 'layers':
      return changeNumber(
        'Layers on the GPU',
        'Layers whose weights are moved to the GPU; empty: as many as fit',
        device.gpuLayers,
        (gpuLayers) => writeSettings({ gpuLayers }),
      );
    case 'cuda':
      return vscode.commands.executeCommand(QUALITY_COMMANDS.downloadCuda);
  }
}

function choicesOf(list: DeviceList, engine: ExtensionEngine): (Choice<Chosen> | vscode.QuickPickItem)[] {
  const { device } = readSettings();
  const counted = new Map<string, number>();
  const gpus = list.gpus.map(({ backend, name, freeBytes, totalBytes }): Choice<Chosen> => {
    const gpu = counted.get(backend) ?? 0;
    counted.set(backend, gpu + 1);
    return {
      label: name,
      description: `${backend} · ${gibibytes(freeBytes)} of ${gibibytes(totalBytes)} GiB free`,
      value: { kind: 'device', choice: CHOICES[backend] ?? 'auto', gpu },
    };
  });
  const separator = (label: string) => ({ label, kind: vscode.QuickPickItemKind.Separator });
  const canFetch = engine.cuda !== null && !engine.cudaIsFetched();
  return [
    {
      label: 'Automatic',
      description: gpus.length === 0 ? 'the processor: no GPU was found' : 'a GPU where there is one',
      value: { kind: 'device', choice: 'auto', gpu: null },
    },
    {
      label: list.cpu,
      description: `CPU · ${plural(list.threads, 'thread')}`,
      value: { kind: 'device', choice: 'off', gpu: null },
    },
    ...gpus,
    separator('more'),
    {
      label: 'Threads…',
      description: device.threads === null ? 'all cores but one' : formatCount(device.threads),
      value: { kind: 'threads' },
    },
    {
      label: 'Layers on the GPU…',
      description: device.gpuLayers === null ? 'as many as fit' : formatCount(device.gpuLayers),
      value: { kind: 'layers' },
    },
    ...(canFetch
      ? [{ label: 'Download CUDA Engine…', value: { kind: 'cuda' } } satisfies Choice<Chosen>]
      : []),
  ];
}

const gibibytes = (bytes: number): string => (bytes / 2 ** 30).toFixed(1);

async function changeNumber(
  title: string,
  prompt: string,
  value: number | null,
  write: (value: number | null) => Promise<void>,
): Promise<void> {
  const text = await askNumber(title, prompt, value);
  if (text !== undefined) await write(text === '' ? null : Number(text));
}

/** Digits, or '' for none; undefined: the user left. */
function askNumber(title: string, prompt: string, value: number | null): Thenable<string | undefined> {
  return vscode.window.showInputBox({
    ...{ title, prompt, value: value === null ? '' : String(value), ignoreFocusOut: true },
    validateInput: (text) => (/^\d{0,6}$/.test(text.trim()) ? null : 'A whole number'),
  });
}

export async function selectContext(write: (tokens: number) => Promise<void>): Promise<void> {
  const text = await askNumber(
    'Context',
    'Tokens that a model reads at once; perplexities can be compared at the same context only',
    readSettings().contextTokens,
  );
  if (text !== undefined && Number(text) >= MIN_CONTEXT) await write(Number(text));
}

const MIN_CONTEXT = 16;
