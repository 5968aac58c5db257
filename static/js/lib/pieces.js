// A message that is sent while it is made: text and bytes in pieces, e.g. sound that is being recorded. Each
// piece names its place, so the socket may send it again after a reconnect.

import { newId } from "#helpers/ids.js"

const LARGEST = 128 * 1024 // bytes or characters of one piece; a frame has a mebibyte at most

export class Pieces {
  #socket
  #clientId = newId()
  #part = -1
  #offset = 0
  #kind = ""

  constructor(socket) {
    this.#socket = socket
  }

  // `fields` are those of message.send. Resolves with the reply, as the others do.
  begin(fields = {}) {
    return this.#ask({ type: "message.begin", ...fields })
  }

  // More of the part that is being written: a string or a Uint8Array. A name, and another kind, begin another part.
  async write(piece, name = "") {
    if (name || typeof piece !== this.#kind) this.#next(typeof piece)
    let reply = { ok: true }
    for (let start = 0; start < piece.length && reply.ok; ) {
      const end = start + sizeOf(piece, start)
      reply = await this.#append(piece.slice(start, end), name)
      start = end
    }
    return reply
  }

  end() {
    return this.#ask({ type: "message.end" })
  }

  discard() {
    return this.#ask({ type: "message.discard" })
  }

  // --- internal

  #next(kind) {
    this.#part += 1
    this.#offset = 0
    this.#kind = kind
  }

  async #append(piece, name) {
    const said = typeof piece === "string" ? { text: piece } : { data: base64(piece) }
    const reply = await this.#ask({ type: "message.append", part: this.#part, offset: this.#offset, ...(name && { name }), ...said })
    if (reply.ok) this.#offset = reply.offset
    return reply
  }

  #ask(command) {
    return this.#socket.ask({ ...command, client_id: this.#clientId })
  }
}

// A pair of surrogates is one character, and half of it is none.
function sizeOf(piece, start) {
  if (typeof piece !== "string") return LARGEST
  const last = piece.charCodeAt(start + LARGEST - 1)
  return last >= 0xd800 && last < 0xdc00 ? LARGEST - 1 : LARGEST
}

function base64(bytes) {
  let binary = ""
  for (let start = 0; start < bytes.length; start += 8192) binary += String.fromCharCode(...bytes.subarray(start, start + 8192))
  return btoa(binary)
}
