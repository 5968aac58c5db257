// A WebSocket that the test holds the other end of.

export class FakeLine {
  readyState = 0
  sent = []
  closed = false

  open() {
    this.readyState = 1
    this.onopen()
  }

  receive(frame) {
    this.onmessage({ data: JSON.stringify(frame) })
  }

  drop(code) {
    this.readyState = 3
    this.onclose({ code })
  }

  send(text) {
    this.sent.push(JSON.parse(text))
  }

  close() {
    this.closed = true
  }
}

// Makes them, and keeps them in the test's list.
export class FakeLines {
  constructor(made) {
    this.made = made
  }

  make() {
    return this.made[this.made.push(new FakeLine()) - 1]
  }

  opened() {}

  closed() {}
}
