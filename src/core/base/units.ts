// Numbers as people read them, the same in the editor, the reports and the terminal.

const WHOLE = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/** 8030261248 → "8,030,261,248". */
export function formatCount(value: number | bigint): string {
  return WHOLE.format(value);
}

/** A file or disk size in decimal units with two decimals: 4920718624 → "4.92 GB"; below 1,000 bytes exact: "135 bytes". */
export function formatBytes(bytes: number): string {
  const { divisor, unit } = byteUnit(bytes);
  return divisor === 1
    ? `${formatCount(bytes)} ${bytes === 1 ? 'byte' : 'bytes'}`
    : `${formatFixed(bytes / divisor, 2)} ${unit}`;
}

/** Memory in binary units with one decimal: 6549825126 → "6.1 GiB"; below 1 MiB in KiB. */
export function formatMemory(bytes: number): string {
  if (bytes >= 2 ** 40) return `${formatFixed(bytes / 2 ** 40, 1)} TiB`;
  if (bytes >= 2 ** 30) return `${formatFixed(bytes / 2 ** 30, 1)} GiB`;
  return bytes >= 2 ** 20
    ? `${formatFixed(bytes / 2 ** 20, 1)} MiB`
    : `${formatFixed(bytes / 2 ** 10, 1)} KiB`;
}

export interface ByteUnit {
  readonly unit: 'B' | 'kB' | 'MB' | 'GB' | 'TB';
  readonly divisor: number;
}

/** The decimal unit in which `bytes` has one to three digits before the point. */
export function byteUnit(bytes: number): ByteUnit {
  if (bytes >= 1e12) return { unit: 'TB', divisor: 1e12 };
  if (bytes >= 1e9) return { unit: 'GB', divisor: 1e9 };
  if (bytes >= 1e6) return { unit: 'MB', divisor: 1e6 };
  if (bytes >= 1e3) return { unit: 'kB', divisor: 1e3 };
  return { unit: 'B', divisor: 1 };
}

const fixedFormats = new Map<number, Intl.NumberFormat>();

/** A number with thousands separators and exactly `decimals` decimals: (1234.5, 2) → "1,234.50". */
export function formatFixed(value: number, decimals: number): string {
  let format = fixedFormats.get(decimals);
  if (format === undefined) {
    format = new Intl.NumberFormat('en-US', {
      minimumFractionDigits: decimals,
      maximumFractionDigits: decimals,
    });
    fixedFormats.set(decimals, format);
  }
  return format.format(value);
}

/** Bits per weight with two decimals; "–" where it is not known. */
export function formatBits(bitsPerWeight: number | null): string {
  return bitsPerWeight === null || !Number.isFinite(bitsPerWeight) ? '–' : formatFixed(bitsPerWeight, 2);
}

/** A share 0…1 as percent without the sign: 0.0601 → "6.01", tiny but not zero → "<0.01", 0 → "0.00". */
export function formatPercent(share: number): string {
  return share > 0 && share < 0.00005 ? '<0.01' : formatFixed(share * 100, 2);
}

/** A time as long as people count it: 1 → "1.0 s", 42.4 → "42 s", 125 → "2 min 5 s", 3900 → "1 h 5 min". */
export function formatDuration(seconds: number): string {
  if (seconds < 9.95) return `${formatFixed(seconds, 1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  const minutes = Math.round(seconds / 60);
  return `${formatCount(Math.floor(minutes / 60))} h ${minutes % 60} min`;
}

/** "1 tensor", "9 tensors". */
export function plural(count: number, singular: string, many = `${singular}s`): string {
  return `${formatCount(count)} ${count === 1 ? singular : many}`;
}

/** A shape read as in × out: [4096, 1024] → "4,096 × 1,024". An empty shape is a scalar: "1". */
export function formatShape(dims: readonly number[]): string {
  return dims.length === 0 ? '1' : dims.map(formatCount).join(' × ');
}
