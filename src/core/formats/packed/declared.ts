// What the files beside a checkpoint say about its quantization: one method, settings for all modules, others for some.
import type { Budget } from './nameExpression.ts';
import { namePattern, regularExpression, type NameTest } from './patterns.ts';

/** A small JSON file beside the model, parsed. */
export interface ConfigDocument {
  /** "config.json". */
  readonly name: string;
  readonly value: object;
}

/** What is said of one module; undefined: nothing. */
export interface Settings {
  readonly bits?: number | undefined;
  /** −1: a whole channel. */
  readonly groupSize?: number | undefined;
  readonly symmetric?: boolean | undefined;
  /** Groups that are not neighbors: desc_act, actorder. */
  readonly actOrder?: boolean | undefined;
  /** checkpoint_format, version, format, packing_format: how the codes are laid out. */
  readonly format?: string | undefined;
  readonly type?: string | undefined;
  /** weight_block_size, block_structure: output and input channels of a block with one scale. */
  readonly block?: readonly [rows: number, columns: number] | undefined;
}

export interface Declared {
  /** "gptq", "awq", "mlx" …, in small letters; null: no file says. */
  readonly method: string | null;
  /** "quantization_config in config.json"; '' when no file says anything. */
  readonly where: string;
  of(module: string): Settings;
  /** By the lists of modules that stay as they are. */
  isExcluded(module: string): boolean;
}

type Json = Readonly<Record<string, unknown>>;

/** Rules kept: real ones have below 1,000 entries, each of which is tried on every module. */
const MAX_RULES = 2000;
const MAX_PATTERN_RULES = 100;
/** Steps of all patterns on all modules, half a second's work. A pattern takes some 300 on a name: of 20,000 experts five are tried. */
const MAX_STEPS = 2 ** 25;

export function readDeclared(documents: readonly ConfigDocument[]): Declared {
  const home = findHome(documents);
  if (home === null) return { method: null, where: '', of: () => ({}), isExcluded: () => false };
  const { json, where } = home;
  const common = settingsOf(json);
  const exact = new Map<string, Settings | null>();
  const rules: { readonly fits: NameTest; readonly settings: Settings | null }[] = [];
  const budget = { steps: MAX_STEPS };
  let patterns = 0;
  const add = (pattern: string, settings: Settings | null): void => {
    const fits = patterns++ < MAX_PATTERN_RULES ? patternOf(pattern, budget) : null;
    if (fits !== null) rules.push({ fits, settings });
  };
  readRules(json, (name, settings) => {
    if (/^(re:|[+-]:)|[*\\^$|(]/.test(name)) add(name, settings);
    else if (exact.size < MAX_RULES) exact.set(name, settings);
  });
  const excluded = excludedOf(json, budget);
  const ruleOf = (module: string): Settings | null | undefined => {
    const own = exact.get(module);
    return own !== undefined ? own : rules.find(({ fits }) => fits(module))?.settings;
  };
  return {
    method: methodOf(json, where),
    where,
    of: (module) => ({ ...common, ...ruleOf(module) }),
    isExcluded: (module) => ruleOf(module) === null || excluded.some((fits) => fits(module)),
  };
}

/** Where the quantization may be described, the likeliest first. */
function findHome(documents: readonly ConfigDocument[]): { json: Json; where: string } | null {
  const document = (name: string): Json | null => record(documents.find((one) => one.name === name)?.value);
  const config = document('config.json');
  for (const outer of [config, ...Object.values(config ?? {}).map(record)])
    for (const key of ['quantization_config', 'compression_config']) {
      const json = record(outer?.[key]);
      if (json !== null && Object.keys(json).length > 0) return { json, where: `${key} in config.json` };
    }
  const modelOpt = document('hf_quant_config.json');
  if (modelOpt !== null)
    return { json: record(modelOpt['quantization']) ?? modelOpt, where: 'hf_quant_config.json' };
  for (const name of ['quantize_config.json', 'quantization_config.json', 'quant_config.json']) {
    const json = document(name);
    if (json !== null) return { json, where: name };
  }
  const mlx = record(config?.['quantization']);
  return mlx === null ? null : { json: mlx, where: 'quantization in config.json' };
}

function methodOf(json: Json, where: string): string | null {
  const said = text(json['quant_method'])?.toLowerCase();
  if (said !== undefined) return said;
  if (where === 'hf_quant_config.json' || text(json['quant_algo']) !== undefined) return 'modelopt';
  if (where === 'quantize_config.json') return json['w_bit'] === undefined ? 'gptq' : 'awq';
  if (where === 'quant_config.json') return 'awq';
  if (number(json['bits']) === undefined || number(json['group_size']) === undefined) return null;
  // MLX copies its own entry: a group size and bits, and no name. So did AutoGPTQ at first.
  return json['desc_act'] === undefined ? 'mlx' : 'gptq';
}

function settingsOf(json: Json): Settings {
  const hqq = record(record(json['quant_config'])?.['weight_quant_params']);
  const from = hqq ?? json;
  const zeroPoint = json['zero_point'];
  const order = from['actorder'];
  return pruned({
    bits: firstNumber(from, ['bits', 'w_bit', 'num_bits', 'wbits', 'nbits']),
    groupSize: wholeOnly(firstNumber(from, ['group_size', 'q_group_size'])),
    symmetric:
      flag(from['sym']) ??
      flag(from['symmetric']) ??
      (typeof zeroPoint === 'boolean' ? !zeroPoint : undefined),
    actOrder:
      flag(from['desc_act']) ?? (order === undefined ? undefined : order === true || order === 'group'),
    format:
      text(json['checkpoint_format']) ?? text(json['format']) ?? text(json['version']) ?? packingFormat(json),
    type:
      text(from['type']) ??
      text(json['bnb_4bit_quant_type']) ??
      text(from['mode']) ??
      text(json['quant_algo']),
    block: blockOf(json['weight_block_size'] ?? from['block_structure']),
  });
}

/** [128, 128], or "128x128". */
function blockOf(value: unknown): Settings['block'] {
  const sizes = typeof value === 'string' ? value.split('x').map(Number) : value;
  if (!Array.isArray(sizes) || sizes.length !== 2) return undefined;
  const [rows, columns] = (sizes as unknown[]).map((size) => wholeOnly(number(size)));
  return rows !== undefined && columns !== undefined && rows > 0 && columns > 0 ? [rows, columns] : undefined;
}

/** AutoRound writes the layout behind its own name: "auto_round:auto_gptq". */
const packingFormat = (json: Json): string | undefined => text(json['packing_format'])?.replace(/^.*:/, '');

/** Calls `add` for every module or pattern with settings of its own; null: it stays as it is. */
function readRules(json: Json, add: (name: string, settings: Settings | null) => void): void {
  for (const [pattern, value] of Object.entries(record(json['dynamic']) ?? {}))
    add(pattern, pattern.startsWith('-:') ? null : settingsOf(record(value) ?? {}));
  for (const key of ['quantized_layers', 'extra_config', 'modules'])
    for (const [name, value] of Object.entries(record(json[key]) ?? {})) {
      const settings = record(value);
      if (settings !== null) add(name, settingsOf(settings));
    }
  for (const group of Object.values(record(json['config_groups']) ?? {})) {
    const { targets, weights } = record(group) ?? {};
    const settings = settingsOf({ ...record(weights), format: record(group)?.['format'] ?? json['format'] });
    // A class of modules ("Linear") stands for all: which module is of which class no file says.
    for (const target of Array.isArray(targets) ? targets : [])
      if (typeof target === 'string') add(/^[A-Z]\w*$/.test(target) ? 're:.' : target, settings);
  }
  // MLX: names of modules stand beside the settings of all.
  for (const [name, value] of Object.entries(json))
    if (name.includes('.') && (value === false || record(value) !== null))
      add(name, value === false ? null : settingsOf(record(value) ?? {}));
}

function excludedOf(json: Json, budget: Budget): NameTest[] {
  const lists = [
    'modules_to_not_convert',
    'ignore',
    'ignored_layers',
    'exclude_modules',
    'llm_int8_skip_modules',
  ];
  return [...lists, 'skip_modules']
    .flatMap((key) => (Array.isArray(json[key]) ? (json[key] as unknown[]) : []))
    .slice(0, MAX_RULES)
    .flatMap((name) => (typeof name === 'string' ? (namePattern(name, budget) ?? []) : []));
}

function patternOf(pattern: string, budget: Budget): NameTest | null {
  if (/^[+-]:/.test(pattern)) return regularExpression(pattern.slice(2), budget);
  if (/[\\^$|(]/.test(pattern) && !pattern.startsWith('re:')) return regularExpression(pattern, budget);
  return namePattern(pattern, budget);
}

/** Without the settings that are not said, so that those of all modules hold. */
const pruned = (settings: Settings): Settings =>
  Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));

const record = (value: unknown): Json | null =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : null;
const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
const number = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) ? value : undefined;
const flag = (value: unknown): boolean | undefined => (typeof value === 'boolean' ? value : undefined);

const wholeOnly = (value: number | undefined): number | undefined =>
  Number.isSafeInteger(value) ? value : undefined;

function firstNumber(json: Json, keys: readonly string[]): number | undefined {
  for (const key of keys) {
    const found = number(json[key]);
    if (found !== undefined) return found;
  }
  return undefined;
}
