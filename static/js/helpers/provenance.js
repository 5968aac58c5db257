// Where an answer came from, in one line: model, tokens, cost when it is known, how long it took and when, how often it
// was tried, and who could not answer.

import { timesTried, tried } from "#helpers/asking.js"
import { language, t } from "#helpers/t.js"

export function provenance(message, nameOf = ({ model }) => model) {
  const { usage, timings, created_at } = message
  const facts = [nameOf(message), tokens(usage), cost(message.cost), duration(timings), time(created_at)]
  return [...facts, again(message), ...tried(message, nameOf)].filter(Boolean).join(" · ")
}

export function tokens(usage) {
  const [read, count] = [usage?.input_tokens, usage?.output_tokens]
  if (!count) return ""
  const said = { count: count.toLocaleString(language()), read: (read ?? 0).toLocaleString(language()) }
  if (!read) return usage.estimated ? t("about {count} tokens", said) : t("{count} tokens", said)
  return usage.estimated ? t("about {count} tokens for {read}", said) : t("{count} tokens for {read}", said)
}

// From when it was taken up to its end.
export function duration(timings) {
  const seconds = (timings?.total_ms ?? 0) / 1000
  return seconds < 0.05 ? "" : t("{seconds} s", { seconds: seconds < 10 ? seconds.toFixed(1) : Math.round(seconds) })
}

// Costs are decimal strings of US dollars; small ones keep two digits that mean something.
export function cost(value) {
  const dollars = Number(value)
  if (value === null || value === undefined || !Number.isFinite(dollars) || dollars === 0) return ""
  if (dollars < 0.000_001) return "< $0.000001"
  return `$${dollars < 0.01 ? trimmed(dollars) : dollars.toFixed(2)}`
}

// What is not of today has its date.
export function time(value, now = new Date()) {
  if (!value) return ""
  const moment = new Date(value)
  const day = moment.toDateString() === now.toDateString() ? {} : { dateStyle: "medium" }
  return moment.toLocaleString(language(), { ...day, timeStyle: "short" })
}

// The attempts of a run that broke off, and the tries within the last one that found nobody.
function again(message) {
  const attempt = message.attempt > 1 ? t("attempt {number}", { number: message.attempt }) : ""
  const count = timesTried(message)
  return [attempt, count > 1 ? t("asked {count} times", { count }) : ""].filter(Boolean).join(" · ")
}

function trimmed(dollars) {
  const digits = Math.ceil(-Math.log10(dollars)) + 1
  return dollars.toFixed(Math.min(digits, 8))
}
