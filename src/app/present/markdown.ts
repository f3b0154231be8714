// Texts from files in Markdown: nothing in them becomes markup.
import { visibleText } from '../../core/base/visibleText.ts';

/** As code: nothing in it is markup, a link or a mention. */
export const asCode = (text: string): string => {
  const plain = visibleText(text).replaceAll('`', 'ˋ').replaceAll('|', '\\|');
  return plain === '' ? '' : `\`${plain}\``;
};
export const escapeMarkdown = (text: string): string =>
  visibleText(text).replace(/[\\`*_{}[\]<>#|@!~&]/g, (mark) => `\\${mark}`);
