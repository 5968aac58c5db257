// How a person is drawn without a picture: initials, and one of the colours of css/avatar.css. Pure.

const TONES = 8

export function initials(name) {
  const words = name.trim().split(/\s+/)
  const shown = words.length > 1 ? [words[0], words.at(-1)] : words
  return shown.map(([first = ""]) => first).join("").toUpperCase() // destructuring takes a whole code point
}

// The same for the same id, everywhere and for ever; ids that follow each other differ.
export function tone(id) {
  return [...String(id)].reduce((sum, sign) => sum + sign.charCodeAt(0), 0) % TONES
}
