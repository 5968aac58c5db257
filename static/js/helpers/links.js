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

// The host that a link leads to, where its text is the address of another one; otherwise empty. What turns or hides
// the characters beside it does not count.
export function disguised(text, address) {
  const shown = text.replace(/[\u200b\u2060\ufeff\u202a-\u202e\u2066-\u2069]/g, "").trim()
  const host = hostOf(address)
  return /^(?:https?:\/\/|www\.)\S+$/i.test(shown) && hostOf(shown.replace(/^www\./i, "https://")) !== host ? host : ""
}

export function hostOf(address) {
  try {
    return new URL(address).hostname.replace(/^www\./, "")
  } catch {
    return address
  }
}
