// An EventSource that reads a run: `node event_source.mjs ADDRESS KEY`. Prints the frames that came once it is
// told that there are no more (204), the positions that it went on from, and how often it connected.
import { createRequire } from "node:module"
import { join } from "node:path"

const { EventSource } = createRequire(join(process.cwd(), "package.json"))("eventsource")
const [address, key] = process.argv.slice(2)
const told = { frames: [], resumed: [], connections: 0 }

function fetchWithKey(url, init) {
  told.connections += 1
  if (init.headers["Last-Event-ID"]) told.resumed.push(Number(init.headers["Last-Event-ID"]))
  return fetch(url, { ...init, headers: { ...init.headers, Authorization: `Bearer ${key}` } })
}

const source = new EventSource(address, { fetch: fetchWithKey })
source.addEventListener("message", (event) => told.frames.push(JSON.parse(event.data)))
source.addEventListener("error", () => {
  if (source.readyState === EventSource.CLOSED) console.log(JSON.stringify(told))
})
