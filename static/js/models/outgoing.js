// One command on its way: `waiting` for the line, `sending`, `sent` or `refused`.

export class Outgoing {
  message = null // that it led to

  // `isOthers` where another tab wrote it and may still be there to send it.
  constructor(entry, isOthers = false) {
    this.isOthers = isOthers
    this.become(entry)
  }

  // An entry is { command, at, tried, error }: `at` in ms, `tried` where the server may know it, `error` where it refused it.
  become({ command, at, tried = false, error }) {
    Object.assign(this, { command, at, tried, error, status: error ? "refused" : "waiting", sessionId: command.session_id })
  }

  get id() {
    return this.command.client_id
  }

  // Whether nobody here asks for it at the moment.
  get isIdle() {
    return this.status === "waiting" || this.status === "refused"
  }

  // Whether it is to be seen in this session, or in a new chat. One that its own tab is about to send comes by itself.
  isSeenIn(session, isConnected) {
    if (this.command.type !== "message.send" || this.sessionId !== session?.id) return false
    if (this.message) return !session?.message(this.message.id)
    return !this.isOthers || (Boolean(session) && !(isConnected && this.status === "waiting"))
  }

  // As a message of its session.
  get asMessage() {
    const { text, parts } = this.command
    const status = this.status === "sent" ? "sending" : this.status
    return { id: this.id, role: "user", status, tried: this.tried, error: this.error, text, parts: parts ?? [{ type: "text", text }] }
  }
}
