// What has been applied: stream → number of its last entry. It is all that is needed in order to go on.

export class Position {
  #seqs
  #fresh = new Set()

  constructor(seqs = {}) {
    this.#seqs = new Map(Object.entries(seqs))
  }

  // "next" when the frame follows what was applied, "seen" when it was applied before, "hole" otherwise.
  judge({ stream, seq }) {
    const last = this.#seqs.get(stream) ?? 0
    if (seq <= last) return "seen"
    return seq === last + 1 ? "next" : "hole"
  }

  advance({ stream, seq }) {
    this.#seqs.set(stream, seq)
    this.#fresh.add(stream)
  }

  // What moved since the last call: an acknowledgement need not repeat the rest.
  takeFresh() {
    const moved = [...this.#fresh].map((stream) => [stream, this.#seqs.get(stream)])
    this.#fresh.clear()
    return Object.fromEntries(moved)
  }

  toJSON() {
    return Object.fromEntries(this.#seqs)
  }
}
