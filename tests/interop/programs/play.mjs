// The official Node clients, unmodified, against a started server: `node play.mjs URL KEY CLIENT`.
// Prints one JSON object: what the client made of the answer, and of a wrong key.
import Anthropic from "@anthropic-ai/sdk"
import { HttpAgent } from "@ag-ui/client"
import { DefaultChatTransport, readUIMessageStream } from "ai"
import OpenAI from "openai"

const [url, key, client] = process.argv.slice(2)
const ASK = [{ role: "user", content: "Tell me" }]

const plays = {
  async openai() {
    const sdk = new OpenAI({ baseURL: `${url}/v1`, apiKey: key, maxRetries: 0 })
    let text = ""
    const options = { include_usage: true }
    const stream = await sdk.chat.completions.create({
      model: "openai/gpt-fake", messages: ASK, stream: true, stream_options: options,
    })
    let usage = null
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta.content ?? ""
      usage = chunk.usage ?? usage
    }
    const wrong = new OpenAI({ baseURL: `${url}/v1`, apiKey: "wrong", maxRetries: 0 })
    const error = await refused(wrong.chat.completions.create({ model: "demo/chat", messages: ASK }))
    return { text, tokens: usage.total_tokens, error: [error.status, error.code] }
  },

  async responses() {
    const sdk = new OpenAI({ baseURL: `${url}/v1`, apiKey: key, maxRetries: 0 })
    const stream = sdk.responses.stream({ model: "openai/gpt-fake", input: "Tell me" })
    const final = await stream.finalResponse()
    const error = await refused(sdk.responses.create({ model: "nobody/knows", input: "x" }))
    return { text: final.output_text, tokens: final.usage.total_tokens, error: [error.status, error.code] }
  },

  async anthropic() {
    const sdk = new Anthropic({ baseURL: url, apiKey: key, maxRetries: 0 })
    const stream = sdk.messages.stream({ model: "anthropic/claude-fake", messages: ASK, max_tokens: 99 })
    const message = await stream.finalMessage()
    const wrong = new Anthropic({ baseURL: url, apiKey: "wrong", maxRetries: 0 })
    const error = await refused(wrong.messages.create({ model: "demo/chat", messages: ASK, max_tokens: 9 }))
    const { input_tokens: asked, output_tokens: said } = message.usage
    return { text: message.content.at(-1).text, tokens: asked + said, error: [error.status, error.error.error.type] }
  },

  async "ai-sdk"() {
    const headers = { Authorization: `Bearer ${key}` }
    const chatId = crypto.randomUUID()
    const transport = new DefaultChatTransport({ api: `${url}/api/ai-sdk/chat`, headers })
    const messages = [{ id: crypto.randomUUID(), role: "user", parts: [{ type: "text", text: "Tell me" }] }]
    const body = { model: "openai/gpt-fake" }
    const stream = await transport.sendMessages({ chatId, messages, trigger: "submit-message", body })
    let last = null
    for await (const message of readUIMessageStream({ stream })) last = message
    const text = last.parts.filter((part) => part.type === "text").map((part) => part.text).join("")
    const nothing = await transport.reconnectToStream({ chatId })
    const wrong = new DefaultChatTransport({ api: `${url}/api/ai-sdk/chat`, headers: { "x-api-key": "wrong" } })
    const error = await refused(wrong.sendMessages({ chatId, messages, trigger: "submit-message" }))
    return { text, tokens: last.metadata.usage.totalTokens, error: [nothing, error.message] }
  },

  async "ag-ui"() {
    const headers = { Authorization: `Bearer ${key}` }
    const agent = new HttpAgent({ url: `${url}/api/ag-ui`, headers, threadId: crypto.randomUUID() })
    agent.messages = [{ id: "1", role: "user", content: "Tell me" }]
    let usage = null
    const subscriber = { onRunFinishedEvent: ({ event }) => { usage = event.usage } }
    const props = { forwardedProps: { model: "openai/gpt-fake" } }
    const { newMessages } = await agent.runAgent(props, subscriber)
    const text = newMessages.filter((m) => m.role === "assistant").map((m) => m.content).join("")
    const wrong = new HttpAgent({ url: `${url}/api/ag-ui`, headers: { "x-api-key": "wrong" } })
    wrong.messages = agent.messages
    const error = await refused(wrong.runAgent())
    return { text, tokens: usage[0].totalTokens, error: [/401/.test(error.message)] }
  },
}

async function refused(promise) {
  try {
    await promise
  } catch (error) {
    return error
  }
  throw new Error("it was not refused")
}

console.log(JSON.stringify(await plays[client]()))
