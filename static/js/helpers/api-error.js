// What was asked for over HTTP and not had. `status` 0: no answer came. Its message is the server's own, or says that the
// server is away; empty where neither is so.

import { t } from "#helpers/t.js"

export class ApiError extends Error {
  constructor(status, error = {}) {
    super(error.message || (status ? "" : t("The server cannot be reached. Try again when the connection is back.")))
    this.status = status
    this.code = error.code
  }
}
