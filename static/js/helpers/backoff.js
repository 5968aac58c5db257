// How long to wait before the next try to connect: doubled each time, with jitter so that a thousand pages
// which lost the same server do not come back in the same instant.

const FIRST = 300 // ms
const LONGEST = 10_000 // ms

export function backoff(attempt, random = Math.random) {
  const most = Math.min(LONGEST, FIRST * 2 ** Math.min(attempt, 16))
  return Math.round(most * (0.5 + random() / 2))
}
