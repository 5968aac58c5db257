// The reader's words. The page carries a dictionary English → language; without one (in Node) English is used.

const strings = dictionary()

export function t(key, values = {}) {
  const text = strings[key] ?? key
  return text.replace(/\{(\w+)\}/g, (place, name) => values[name] ?? place)
}

// The server's own sentence about an error, in the reader's words where they are known.
export function said(error) {
  const message = error?.message ?? ""
  return strings[message] ?? message.split(/(?<=[.:]) /).map((sentence) => t(sentence)).join(" ")
}

export function language() {
  return globalThis.document?.documentElement.lang || "en"
}

function dictionary() {
  const block = globalThis.document?.getElementById("strings")
  return block ? JSON.parse(block.textContent) : {}
}
