// A session's frames over plain HTTP, as text: streamed as they come, or in pages with a long poll. It ends when the
// server ends it; the caller keeps the position, and a new feed goes on from there.

const HELD_BACK = 5_000 // ms for the first bytes of a stream; the server sends them at once
const WAIT = 20 // seconds of a long poll

export class Refused extends Error {
  constructor(status, error) {
    super(`HTTP ${status}`)
    this.status = status
    this.error = error ?? { code: "error", message: "" }
  }
}

// Something between here and the server collects the stream before it passes it on.
export class HeldBack extends Error {}

export async function* streamed(address, { fetch, signal, onBegun }) {
  const giveUp = new AbortController()
  const begun = setTimeout(() => giveUp.abort(new HeldBack()), HELD_BACK)
  let rest = ""
  try {
    const both = AbortSignal.any([signal, giveUp.signal])
    const response = await accepted(fetch(address, { headers: { Accept: "text/event-stream" }, signal: both }))
    for await (const chunk of chunksOf(response)) {
      clearTimeout(begun)
      onBegun()
      const blocks = (rest + chunk).split("\n\n")
      rest = blocks.pop()
      for (const block of blocks) if (block.startsWith("data: ")) yield block.slice(6)
    }
  } finally {
    clearTimeout(begun)
  }
}

export async function* paged(address, position, { fetch, signal, onBegun }) {
  let place = position
  while (!signal.aborted) {
    const query = place ? `?wait=${WAIT}&position=${encodeURIComponent(JSON.stringify(place))}` : ""
    const { frames } = await (await accepted(fetch(address + query, { headers: { Accept: "application/json" }, signal }))).json()
    onBegun()
    for (const frame of frames) {
      place = frame.stream ? { ...place, [frame.stream]: frame.seq } : (frame.position ?? place)
      yield JSON.stringify(frame)
    }
  }
}

export async function accepted(request) {
  const response = await request
  if (response.ok) return response
  const answer = await response.json().catch(() => null)
  throw new Refused(response.status, answer?.error)
}

// Not every browser lets a stream be iterated.
async function* chunksOf(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
  for (let step = await reader.read(); !step.done; step = await reader.read()) yield step.value
}
