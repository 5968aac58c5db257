// What an answer was and was not told of earlier, in one line. Empty where there is nothing to say.

import { t } from "#helpers/t.js"

export function contextInWords(context) {
  const { window, memories, noted, cached } = context ?? {}
  const repeated = cached ? t("Answered before: repeated at no cost") : ""
  return [windowInWords(window), memoriesInWords(memories), notedInWords(noted), repeated].filter(Boolean).join(" · ")
}

function windowInWords(window) {
  if (!window?.left_out) return ""
  const values = { count: window.left_out }
  if (window.summarized >= window.left_out) return t("Earlier messages were sent as a summary ({count})", values)
  if (window.summarized) return t("Earlier messages were left out or sent as a summary ({count})", values)
  return t("Earlier messages were left out: the model cannot read more ({count})", values)
}

function memoriesInWords(memories) {
  return memories?.length ? t("Memories used: {count}", { count: memories.length }) : ""
}

function notedInWords(noted) {
  return noted?.length ? t("Noted for later: {count}", { count: noted.length }) : ""
}
