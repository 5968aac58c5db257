// The page of a shared conversation: its Markdown is drawn, and a live one is fetched again when it went on.

import { useCode } from "#controllers/code-block.js"
import { MarkdownView } from "#controllers/markdown.js"

const LOOK_EVERY = 5_000 // ms

for (const element of document.querySelectorAll("[data-markdown]")) {
  const text = element.textContent
  element.replaceChildren()
  element.classList.remove("plain")
  new MarkdownView(element).update(text, false)
}
document.addEventListener("click", ({ target }) => useCode(target))

if (document.querySelector("[data-live]")) watch()

async function watch() {
  const tag = await look()
  setInterval(async () => {
    if (document.hidden) return
    const now = await look()
    if (now && tag && now !== tag) location.reload()
  }, LOOK_EVERY)
}

async function look() {
  try {
    const response = await fetch(location.href, { method: "HEAD" })
    return response.status === 404 ? "gone" : response.headers.get("ETag")
  } catch {
    return "" // offline: nothing to say
  }
}
