// What is said about a message while it is written and when it did not end well. The words follow from what the
// server told, never from a guess of ours: the only clock here is how long a run has been quiet.

import { nextStep, refusalInWords } from "#helpers/next-step.js"
import { said, t } from "#helpers/t.js"

const LONG_QUIET = 30_000 // ms without any event of a run

// `news` is what the run last said on its way to an answer, in words.
export function stateOf(message, run, quiet = 0, news = "") {
  if (message.status === "waiting") return { going: false, wait: { label: t("Goes when the connection is back.") } }
  if (message.status === "sending") return { going: false, wait: { label: t("Sending…") } }
  const going = message.status === "queued" || message.status === "running"
  return { going, wait: going ? waitOf(message, run, quiet, news) : null, problem: problemOf(message) }
}

function waitOf(message, run, quiet, news) {
  if (run?.stopping) return { label: t("Stopping…") }
  if (run?.status === "waiting") return null
  if (news) return { label: news }
  if (quiet >= LONG_QUIET) return { label: t("Waiting for the model…") }
  if (run?.attempt > 1 && !message.parts.length) return { label: t("Trying again…") }
  return message.parts.some((part) => part.text) ? null : { label: "" }
}

function problemOf({ status, error }) {
  if (status === "cancelled") return { label: t("Stopped"), calm: true }
  if (status === "interrupted") return problem(said(error) || t("The answer was interrupted. What had arrived is kept."), error)
  if (status === "refused") return { label: `${t("Not sent.")} ${refusalInWords(error)}`, model: nextStep(error.code).model }
  if (status === "failed") return problem(said(error) || t("The answer failed."), error)
  return null
}

function problem(sentence, error) {
  const { words, model } = nextStep(error?.code)
  return { label: [sentence, words].filter(Boolean).join(" "), model }
}
