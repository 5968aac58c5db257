// The places of a prompt that are to be filled in: `{{name}}`.

const PLACE = /\{\{[^{}\n]+\}\}/g

// [start, end] of the first one behind this position, or null.
export function placeAfter(text, position) {
  const found = [...text.matchAll(PLACE)].find(({ index }) => index >= position)
  return found ? [found.index, found.index + found[0].length] : null
}
