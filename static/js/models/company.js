// Who is in a session beside its owner, in which role, and what they say of its messages.

export class Company {
  constructor(members = [], comments = []) {
    this.members = new Map(members.map((member) => [member.id, member]))
    this.comments = new Map(comments.map((comment) => [comment.id, comment]))
  }

  // Whether there is anybody.
  get exists() {
    return this.members.size > 0
  }

  roleOf(person) {
    return this.members.get(person)?.role
  }

  commentsOn(messageId) {
    return [...this.comments.values()].filter(({ message_id }) => message_id === messageId)
  }

  // The id of the message that the event is about, if it is about one.
  apply({ type, member, comment, comment_id }) {
    if (type === "member-added") this.members.set(member.id, member)
    if (type === "member-removed") this.members.delete(member.id)
    if (type === "comment-added") this.comments.set(comment.id, comment)
    if (type !== "comment-removed") return comment?.message_id
    const { message_id } = this.comments.get(comment_id) ?? {}
    this.comments.delete(comment_id)
    return message_id
  }
}
