// The way to an answer in words: waiting for a place, trying again, asking somebody else. `nameOf` gives the name
// that the reader knows for {provider, model}.

import { t } from "#helpers/t.js"

export function newsInWords(frame, nameOf) {
  if (frame?.type === "progress") return frame.total ? t("Waiting for a free place, {count} ahead…", { count: frame.total }) : t("Waiting for a free place, next in line…")
  if (frame?.type === "retry") return t("{reason}: trying again in {seconds} s…", { reason: reasonOf(frame.reason), seconds: Math.max(1, Math.round(frame.delay_ms / 1000)) })
  if (frame?.type === "fallback") return t("{failed}: {reason}. Asking {next}…", { failed: nameOf(partsOf(frame.from)), reason: reasonOf(frame.reason), next: nameOf(partsOf(frame.to)) })
  return ""
}

// Who was asked before the one that answered, and why it did not come from there.
export function tried({ provider, model, steps = [] }, nameOf) {
  const others = steps.filter((step) => UNANSWERED.has(step.outcome) && (step.provider !== provider || step.model !== model))
  const last = new Map(others.map((step) => [`${step.provider}/${step.model}`, step]))
  return [...last.values()].map((step) => t("{failed}: {reason}", { failed: nameOf(step), reason: reasonOf(step.code || "slow") }))
}

// How often the one that answered was asked.
export function timesTried({ provider, model, steps = [] }) {
  const asked = ({ outcome }) => outcome === "failed" || outcome === "answered"
  return steps.filter((step) => asked(step) && step.provider === provider && step.model === model).length
}

export function reasonOf(code) {
  return reasons[code]?.() ?? t("failed")
}

const UNANSWERED = new Set(["failed", "skipped", "lost"])

function partsOf(ref) {
  const cut = ref.indexOf("/")
  return { provider: ref.slice(0, cut), model: ref.slice(cut + 1) }
}

const reasons = {
  provider_rate_limited: () => t("too many requests"),
  provider_unreachable: () => t("not reachable"),
  provider_timeout: () => t("no answer in time"),
  provider_failed: () => t("an error at the provider"),
  provider_stream_broken: () => t("broke off"),
  provider_busy: () => t("no free place"),
  provider_paused: () => t("paused after failures"),
  provider_key_rejected: () => t("key rejected"),
  model_not_found: () => t("no such model"),
  context_too_long: () => t("conversation too long"),
  slow: () => t("slower"),
}
