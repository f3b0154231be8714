// Where a quantization is written: names that are taken, folders that are closed, disks that are full. Nothing unfinished is left.
import { spawnSync } from 'node:child_process';
import { chmodSync, linkSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { OutputPlaces } from '../../src/app/quantize/outputPlace.ts';
import { quantizeModel } from '../../src/app/quantize/quantizeModel.ts';
import { diskPlaces } from '../../src/node/outputPlaces.ts';
import { ENGINE_MISSING } from '../support/engine.ts';
import {
  atHalf,
  createSetting,
  expectAllAsBefore,
  failure,
  listing,
  removeSetting,
  never,
  nothing,
  pidOf,
  type Setting,
} from './setting.ts';

let setting: Setting;
const F16 = 'sotu-5m-F16.gguf';

beforeAll(async () => {
  if (ENGINE_MISSING === null) setting = await createSetting();
}, 240_000);
expectAllAsBefore(() => setting);
afterAll(() => removeSetting(setting));

const pid = (): number => pidOf(setting);

describe.skipIf(ENGINE_MISSING !== null)('an output', () => {
  it('that is there is replaced only when that is asked for, and by nothing unfinished', async () => {
    const output = setting.path('out.gguf');
    writeFileSync(output, 'precious');
    expect((await failure(setting.order({ type: 'Q4_0' }), setting.ports)).message).toMatch(
      /is there already; choose another name/,
    );
    const forced = setting.order({ type: 'Q4_0' }, { force: true });
    await failure(
      forced,
      setting.ports,
      never,
      atHalf(() => process.kill(pid(), 'SIGKILL')),
    );
    expect(readFileSync(output, 'utf8')).toBe('precious');
    await quantizeModel(setting.ports, forced, nothing, never);
    expect(readFileSync(output).subarray(0, 4).toString()).toBe('GGUF');
    rmSync(output);
  });

  it('is never the source, under whatever name', async () => {
    const names = ['linked.gguf', 'symbolic.gguf'].map(setting.path);
    linkSync(setting.path(F16), names[0]!);
    symlinkSync(setting.path(F16), names[1]!);
    for (const output of [setting.path(F16), join(setting.folder, '.', 'x', '..', F16), ...names])
      expect((await failure(setting.order({}, { output, force: true }), setting.ports)).message).toMatch(
        /is the source itself/,
      );
    const imatrix = setting.path('sotu-5m.imatrix.gguf');
    const overImatrix = setting.order({ imatrix }, { output: imatrix, force: true });
    expect((await failure(overImatrix, setting.ports)).message).toMatch(/is the source itself/);
    names.forEach((name) => rmSync(name));
  });

  it('is written by one run at a time', async () => {
    const order = setting.order({ type: 'Q5_K_M' });
    const second: Promise<Error>[] = [];
    await quantizeModel(
      setting.ports,
      order,
      atHalf(() => second.push(failure(order, setting.ports))),
      never,
    );
    // The second found the first at work, or its result.
    expect((await second[0])!.message).toMatch(/Another run is writing|is there already/);
    rmSync(order.output);
  });

  it('is looked at beforehand, with the sentence that the run would end with', () => {
    const look = (name: string, sources: readonly string[] = []) => {
      const output = setting.path(name);
      return diskPlaces.look({ output, files: [output], sources, force: false });
    };
    expect(look('new.gguf')).toEqual({ exists: false, why: null, freeBytes: expect.any(Number) as number });
    expect(look(F16)).toMatchObject({ exists: true, why: null });
    expect(look(F16, [setting.path(F16)]).why).toMatch(/is the source itself/);
    expect(look('no/such/folder.gguf')).toMatchObject({
      why: expect.stringMatching(/does not exist/) as string,
    });
    const output = setting.path('out.gguf');
    const place = diskPlaces.reserve({ output, files: [output], sources: [], force: false });
    expect(look('out.gguf').why).toMatch(/^Another run is writing/);
    rmSync(join(place.folder, 'quantscope-owner.json'));
    expect(look('out.gguf').why).toMatch(/out\.gguf\.part is in the way/);
    place.discard();
    expect(look('out.gguf').why).toBeNull();
    expect(listing(setting.folder)).not.toContain('new.gguf.part');
  });

  it('of several files is there as a whole or not at all', () => {
    const files = ['out-00001-of-00002.gguf', 'out-00002-of-00002.gguf'].map(setting.path);
    const order = { output: setting.path('out.gguf'), files, sources: [], force: false };
    const place = diskPlaces.reserve(order);
    writeFileSync(join(place.folder, 'one'), '1');
    const moves = files.map((path, index) => [index === 0 ? 'one' : 'missing', path] as const);
    expect(() => place.commit(moves)).toThrow(/out\.gguf cannot be written/);
    place.discard();
  });

  it('takes the place of what a dead run left, and of nothing else', async () => {
    const part = setting.path('out.gguf.part');
    const died = spawnSync(process.execPath, ['-e', '']).pid;
    mkdirSync(part);
    writeFileSync(join(part, 'model.gguf'), 'half');
    expect((await failure(setting.order({ type: 'Q4_0' }), setting.ports)).message).toMatch(
      /out\.gguf\.part is in the way/,
    );
    const owner = (process: number, host: string): void =>
      writeFileSync(join(part, 'quantscope-owner.json'), JSON.stringify({ process, host }));
    owner(died, 'another-machine');
    expect((await failure(setting.order({ type: 'Q4_0' }), setting.ports)).message).toMatch(
      /Another run is writing/,
    );
    owner(died, hostname());
    const { output } = await quantizeModel(setting.ports, setting.order({ type: 'Q4_0' }), nothing, never);
    rmSync(output);
  });

  it('needs a folder that can be written to', async () => {
    const closed = join(setting.pidFile, '../closed');
    mkdirSync(closed, { recursive: true });
    chmodSync(closed, 0o500);
    // The superuser may write anywhere but where the system itself does not.
    const folder = process.getuid?.() === 0 ? '/proc/self' : closed;
    const refused = setting.order({}, { output: join(folder, 'out.gguf') });
    expect((await failure(refused, setting.ports)).message).toMatch(/cannot be written \(/);
    const missing = setting.order({}, { output: setting.path('no/such/folder.gguf') });
    expect((await failure(missing, setting.ports)).message).toMatch(/does not exist/);
    const inFile = setting.order({}, { output: join(setting.path(F16), 'out.gguf') });
    expect((await failure(inFile, setting.ports)).message).toMatch(/cannot be written \(/);
    chmodSync(closed, 0o700);
  });
});

describe.skipIf(ENGINE_MISSING !== null)('a disk', () => {
  const disk = (): string => join(setting.pidFile, '../disk');
  /** A file system of its own, where the test may mount one. */
  function mountSmall(bytes: number): boolean {
    mkdirSync(disk(), { recursive: true });
    const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', disk()]);
    if (status !== 0) console.warn('A full disk is not tested: mounting a small one is not allowed here.');
    return status === 0;
  }
  afterEach(() => void spawnSync('umount', [disk()]));

  it('that is too small is told before anything is written', async () => {
    if (!mountSmall(2 * 2 ** 20)) return;
    const failed = await failure(setting.order({}, { output: join(disk(), 'out.gguf') }), setting.ports);
    expect(failed.message).toBe(
      'There is not enough space on the disk: 3.44 MB are still to be written, and 2.09 MB are free.',
    );
    expect(listing(disk())).toEqual([]);
  });

  it('that fills up meanwhile is told afterwards', async () => {
    if (!mountSmall(4 * 2 ** 20)) return;
    const filler = join(disk(), 'filler');
    const failed = await failure(
      setting.order({ type: 'Q5_K_M' }, { output: join(disk(), 'out.gguf') }),
      setting.ports,
      never,
      atHalf(() => spawnSync('dd', ['if=/dev/zero', `of=${filler}`, 'bs=64k'])),
    );
    expect(failed.message).toMatch(
      /^There is not enough space on the disk: .* of 3\.\d\d MB are still to be written, and .* are free/,
    );
    rmSync(filler);
    expect(listing(disk())).toEqual([]);
  });

  it('that does not say how much is free fails in llama.cpp', async () => {
    if (!mountSmall(2 * 2 ** 20)) return;
    const places: OutputPlaces = {
      ...diskPlaces,
      reserve: (order) => ({ ...diskPlaces.reserve(order), freeBytes: () => null }),
    };
    const failed = await failure(setting.order({}, { output: join(disk(), 'out.gguf') }), {
      ...setting.ports,
      places,
    });
    expect(failed.message).toMatch(/^llama\.cpp did not quantize the model: /);
    expect(listing(disk())).toEqual([]);
  });

  it('that refuses the last step keeps nothing', async () => {
    const places: OutputPlaces = {
      ...diskPlaces,
      reserve: (order) => ({
        ...diskPlaces.reserve(order),
        commit: () => {
          throw new Error(`no ${basename(order.output)}`);
        },
      }),
    };
    const failed = await failure(setting.order({ type: 'Q4_0' }), { ...setting.ports, places });
    expect(failed.message).toBe('no out.gguf');
  });
});
