// One source below an answer: a page or a file, where in it, and on hovering its own words.

import { hostOf, safeLink } from "#helpers/links.js"
import { t } from "#helpers/t.js"

export function sourceItem({ url, file_id, title, places, quotes }) {
  const item = document.createElement("li")
  const address = file_id ? `/api/files/${encodeURIComponent(file_id)}/content/` : safeLink(url)
  const name = title || hostOf(url)
  const shown = document.createElement(address ? "a" : "span")
  shown.textContent = places.length ? t("{name}, p. {places}", { name, places: places.join(", ") }) : name
  shown.title = [quotes.map((quote) => `“${quote.trim()}”`).join("\n"), url].filter(Boolean).join("\n")
  if (address) Object.assign(shown, { href: address, target: "_blank", rel: "noopener noreferrer nofollow" })
  item.append(shown)
  return item
}
