// The page of usage.

import { UsageController } from "#controllers/usage.js"
import { Api } from "#lib/api.js"

new UsageController(document.getElementById("main"), { api: new Api() }).connect()
