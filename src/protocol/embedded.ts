// A value with typed arrays as text in the document of a page, so that the page has it before it could ask for it.

const ARRAYS = { Uint8Array, Uint16Array, Uint32Array, Int32Array, Float32Array, Float64Array };
type ArrayName = keyof typeof ARRAYS;

/** Marks a typed array: its name follows. No key of the contracts begins so. */
const MARK = '$';

/** JSON in which a typed array is `{"$Uint16Array":[1,2]}` and NaN in it null. Nothing in it can end a script element. */
export function embed(value: unknown): string {
  const json = JSON.stringify(value, (_key, item: unknown) => {
    const name = nameOfArray(item);
    return name === undefined ? item : { [MARK + name]: Array.from(item as Float64Array) };
  });
  return json.replaceAll('<', '\\u003c');
}

/** What was embedded. @throws SyntaxError for other text */
export function readEmbedded(text: string): unknown {
  return JSON.parse(text, (_key, item: unknown) => {
    if (typeof item !== 'object' || item === null) return item;
    const [[key, numbers] = ['', null], ...others] = Object.entries(item);
    const name = key.slice(MARK.length);
    if (others.length > 0 || !key.startsWith(MARK) || !isArrayName(name)) return item;
    return ARRAYS[name].from((numbers as (number | null)[]).map((number) => number ?? NaN));
  });
}

const isArrayName = (name: string): name is ArrayName => Object.hasOwn(ARRAYS, name);
const nameOfArray = (item: unknown): ArrayName | undefined =>
  (Object.keys(ARRAYS) as ArrayName[]).find((name) => item instanceof ARRAYS[name]);
