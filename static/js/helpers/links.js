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

export function hostOf(address) {
  try {
    return new URL(address).hostname.replace(/^www\./, "")
  } catch {
    return address
  }
}
