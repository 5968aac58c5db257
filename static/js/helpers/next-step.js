// What a reader can do about an error, beside trying again: a sentence, and whether another model would help.

import { limitReached } from "#helpers/limits.js"
import { said, t } from "#helpers/t.js"

const again = () => t("Try again in a moment.")
const another = () => t("Choose another model.")
const operator = () => t("Choose another model, or tell whoever runs this server.")

// { words, model }: empty and false where trying again says it all.
export function nextStep(code) {
  const [words, model = false] = STEPS[code]?.() ?? []
  return { words: words ?? "", model }
}

// What was refused, and what to do about it.
export function refusalInWords(error) {
  const words = limitReached(error) || said(error) || t("That did not work. Try again.")
  return [words, nextStep(error.code).words].filter(Boolean).join(" ")
}

// Whether it is the chat itself that is not there, for who was in it before.
export function isGone({ code, field }) {
  return code === "not_found" && !field
}

// The refusal of a chat that was open.
export function goneOr(error) {
  return isGone(error) ? { code: "chat_gone", message: t("This chat is not there any more, or not shared with you.") } : error
}

const STEPS = {
  provider_unreachable: () => [operator(), true],
  provider_timeout: () => [again(), true],
  provider_failed: () => [again(), true],
  provider_error: () => [again(), true],
  provider_stream_broken: () => [again()],
  provider_rate_limited: () => ["", true],
  provider_busy: () => ["", true],
  provider_paused: () => ["", true],
  provider_refused: () => [t("Change the message, or choose another model."), true],
  provider_key_rejected: () => [t("Until then, choose another model."), true],
  address_refused: () => [t("Until then, choose another model."), true],
  model_not_found: () => [another(), true],
  model_not_allowed: () => [another(), true],
  unknown_provider: () => [another(), true],
  unknown_agent: () => [another(), true],
  invalid_output: () => [again(), true],
  invalid_options: () => [t("Change the option, or choose another model."), true],
  context_too_long: () => [t("Start a new chat, or choose a model that reads more."), true],
  unsupported_content: () => [t("Leave the file out, or choose another model."), true],
  agent_timeout: () => [again()],
  internal: () => [t("Try again. If it stays so, tell whoever runs this server.")],
  interrupted: () => [t("Regenerate answers anew.")],
  file_quota: () => [t("Delete chats with files that you do not need any more.")],
  storage_full: () => [t("Tell whoever runs this server.")],
  forbidden: () => [t("Ask the owner of the chat.")],
  not_signed_in: () => [t("Reload the page to sign in again.")],
  chat_gone: () => [t("Begin a new one: what you were writing comes along.")],
  run_active: () => [t("Wait for its end, or stop it.")],
}
