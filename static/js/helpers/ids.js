// Names that the client gives to what it sends. `randomUUID` needs a secure page; a server on plain HTTP in
// somebody's house has none, so the random bytes are taken directly there.

export function newId(source = globalThis.crypto) {
  if (source.randomUUID) return source.randomUUID()
  const bytes = source.getRandomValues(new Uint8Array(16))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")
}
