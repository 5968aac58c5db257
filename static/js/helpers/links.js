// Which addresses a model may link to. Everything else stays text.

const ALLOWED = new Set(["http:", "https:", "mailto:"])

export function safeLink(address, base = globalThis.location?.origin) {
  try {
    const url = new URL(address.trim(), address.startsWith("/") ? base : undefined)
    return ALLOWED.has(url.protocol) ? url.href : null
  } catch {
    return null
  }
}

// Text of a link without the characters that turn or hide what stands beside them.
export function plainly(text) {
  return text.replace(/[\u202a-\u202e\u2066-\u2069\u200b\u2060\ufeff]/g, "")
}

// The host that a link leads to, where its text is the address of another one; otherwise empty.
export function disguised(text, address) {
  const shown = /^(?:https?:\/\/|www\.)\S+$/i.test(text.trim()) ? hostOf(text.trim().replace(/^www\./i, "https://")) : ""
  const host = hostOf(address)
  return shown && shown !== host ? host : ""
}

export function hostOf(address) {
  try {
    return new URL(address).hostname.replace(/^www\./, "")
  } catch {
    return address
  }
}
