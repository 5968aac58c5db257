// The button that signs out. What was written and not sent goes with whoever leaves, unless the server is away: then
// nobody is signed out either.

import { Controller } from "#controllers/controller.js"

export class SignOutController extends Controller {
  connect() {
    this.listen(this.element, "submit", this.clear)
  }

  clear() {
    const { kept, socket } = this.app
    if (socket.state === "connected") for (const storage of Object.values(kept)) storage.clear()
  }
}
