// A budget or a limit that leaves no room, in words, with the reader's own clock. Empty for other refusals.

import { language, t } from "#helpers/t.js"

export function limitReached(error) {
  const { what, of, resets_at: reset, [what]: figures } = error?.budget ?? {}
  if (!figures) return ""
  const told = { limit: `${figures.limit} ${units[what]()}`, of }
  if (!reset) return t("No more than {limit} at once ({of}). Try again when one has ended.", told)
  return t("The limit of {limit} ({of}) is reached until {time}.", { ...told, time: timeOf(new Date(reset)) })
}

const units = {
  runs: () => t("answers"),
  tokens: () => t("tokens"),
  money: () => t("US dollars"),
}

function timeOf(moment) {
  return moment.toLocaleString(language(), { dateStyle: "medium", timeStyle: "short" })
}
