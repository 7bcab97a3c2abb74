/** Removes Markdown markup and HTML tags from the descriptions that services write. */
export const plainText = (markdown: string): string =>
  markdown
    .replace(/```[^\n]*\n?/g, '')
    .replace(/^\s{0,3}#{1,6}\s+/gm, '')
    .replace(/^\s{0,3}>\s?/gm, '')
    .replace(/^[ \t]*[-*+]\s+/gm, '• ')
    .replace(/!?\[([^[\]]*)\]\([^()\s]*(?:\s+"[^"()]*")?\)/g, '$1')
    .replace(/(\*\*|__)(?=\S)(.+?)(?<=\S)\1/g, '$2')
    .replace(/(?<![\w*])\*(?=\S)([^*\n]+?)(?<=\S)\*(?![\w*])/g, '$1')
    .replace(/(?<!\w)_(?=\S)([^_\n]+?)(?<=\S)_(?!\w)/g, '$1')
    .replace(/`+([^`\n]*)`+/g, '$1')
    .replace(/<\/?[a-z][^<>\n]*>/gi, '')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
