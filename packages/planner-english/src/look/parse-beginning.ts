/** Reads JSON text that may be cut: of a cut one what is whole, up to the last object or list that ends in it. Nothing where none does. */
export function parseBeginning(text: string): { value: unknown; isWhole: boolean } {
  try {
    return { value: JSON.parse(text), isWhole: true };
  } catch {
    const whole = endedEarly(text);
    return { value: whole === '' ? undefined : JSON.parse(whole), isWhole: false };
  }
}

/** The text up to the last end of an object or list, with what is open there closed. */
function endedEarly(text: string): string {
  const open: string[] = [];
  let [end, closing] = [0, ''];
  let inText = false;
  for (let index = 0; index < text.length; index++) {
    const letter = text[index]!;
    if (inText) {
      if (letter === '\\') index++;
      else if (letter === '"') inText = false;
    } else if (letter === '"') inText = true;
    else if (letter === '{') open.push('}');
    else if (letter === '[') open.push(']');
    else if (letter === '}' || letter === ']') {
      open.pop();
      [end, closing] = [index + 1, [...open].reverse().join('')];
    }
  }
  return text.slice(0, end) + closing;
}
