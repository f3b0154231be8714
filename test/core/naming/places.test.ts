// The golden tables ggufNames.txt and hfNames.txt: what is read from names that real models have. After a change of the naming
// tables, write them anew with QUANTSCOPE_GOLDEN=write and review the difference.
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { placeGguf } from '../../../src/core/formats/naming/ggufNames.ts';
import { placeHf, placeInCompany } from '../../../src/core/formats/naming/hfNames.ts';
import { ALONE, IN_LAYER } from '../../../src/core/formats/naming/hfRoles.ts';
import type { Place } from '../../../src/core/formats/naming/place.ts';
import { isKnownRole, roleOf, roleRank, ROLES } from '../../../src/core/formats/naming/roles.ts';

/** "name  stack/layer  role  part", with the expert behind the role and what is not recognised in brackets. */
function row(name: string, place: Place): string {
  const where = `${place.stack}/${place.layer ?? ''}`;
  const role = place.expert === null ? place.role : `${place.role} #${place.expert}`;
  const known = place.recognized ? role : `[${role}${place.group === '' ? '' : ` in ${place.group}`}]`;
  return `${name.padEnd(78)} ${where.padEnd(16)} ${known.padEnd(24)} ${place.part}`.trimEnd();
}

function table(text: string, placeOf: (name: string) => Place): string {
  return text
    .split('\n')
    .map((line) => {
      const [name = ''] = line.split(' ');
      return name === '' || name === '#' ? line : row(name, placeOf(name));
    })
    .join('\n');
}

describe.each([
  { file: 'ggufNames.txt', placeOf: placeGguf },
  { file: 'hfNames.txt', placeOf: placeHf },
])('$file', ({ file, placeOf }) => {
  test('every name has the place that the table says', () => {
    const path = new URL(file, import.meta.url);
    const golden = readFileSync(path, 'utf8');
    const now = table(golden, placeOf);
    if (process.env['QUANTSCOPE_GOLDEN'] === 'write') writeFileSync(path, now);
    expect(now).toBe(golden);
  });
});

describe('the role tables', () => {
  test('describe every role once, in whole sentences', () => {
    const ids = ROLES.map(({ id }) => id);
    expect(ids.filter((id, at) => ids.indexOf(id) !== at)).toEqual([]);
    expect(
      ROLES.filter(({ title, sentence }) => !/^[A-Z]/.test(title) || !/^[A-Z].*\.$/.test(sentence)),
    ).toEqual([]);
  });
  test.each([
    ['inside a layer', IN_LAYER],
    ['of no layer', ALONE],
  ])('know every role of a module %s, and every ending has one role', (_title, table) => {
    expect(Object.keys(table).filter((id) => !isKnownRole(id))).toEqual([]);
    const endings = Object.values(table).flatMap((text) => text.split(' '));
    expect(endings.filter((ending, at) => endings.indexOf(ending) !== at)).toEqual([]);
    expect(endings).not.toContain('');
  });
  test('say of an unknown role that it is unknown, and put it last', () => {
    expect(roleOf('some_norm')).toMatchObject({ section: 'other', thin: true, title: 'some_norm' });
    expect(roleOf('new_thing')).toMatchObject({ section: 'other', thin: false });
    expect(roleRank('new_thing')).toBe(ROLES.length);
    expect(roleRank('attn_q')).toBeLessThan(roleRank('ffn_up'));
  });
});

describe('a norm behind attention', () => {
  const roles = (names: readonly string[]): string[] =>
    placeInCompany(names.map((name) => ({ name, place: placeHf(name) }))).map(({ place }) => place.role);

  test('is the norm before feed-forward where there is no other', () => {
    expect(roles(['model.layers.0.post_attention_layernorm.weight'])).toEqual(['ffn_norm']);
  });
  test('is a norm of its own where feed-forward has one', () => {
    const names = ['post_attention_layernorm', 'pre_feedforward_layernorm', 'post_feedforward_layernorm'];
    expect(roles(names.map((name) => `model.layers.0.${name}.weight`))).toEqual([
      'post_attention_norm',
      'ffn_norm',
      'post_ffw_norm',
    ]);
  });
});
