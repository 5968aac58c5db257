// The official Node SDKs, told by lines what to play: `node sdk_client.mjs URL KEY openai|anthropic`. Prints for
// each name of a play what came of it as JSON.
import { createInterface } from "node:readline"
import Anthropic from "@anthropic-ai/sdk"
import OpenAI from "openai"

const [url, key, vendor] = process.argv.slice(2)
const ASK = [{ role: "user", content: "Tell me" }]
const SCHEMA = { type: "object", properties: { city: { type: "string" } } }
const UNKNOWN = "nobody/knows"

function openai() {
  const sdk = new OpenAI({ baseURL: `${url}/v1`, apiKey: key, maxRetries: 0 })
  const model = "openai/gpt-fake"
  const tools = [{ type: "function", function: { name: "weather", parameters: SCHEMA } }]
  return {
    async whole() {
      const answer = await sdk.chat.completions.create({ model, messages: ASK })
      return [answer.choices[0].message.content, answer.usage.total_tokens]
    },
    async tools() {
      const { message } = (await sdk.chat.completions.create({ model, messages: ASK, tools })).choices[0]
      const [call] = message.tool_calls
      const result = { role: "tool", tool_call_id: call.id, content: "sunny 晴" }
      await sdk.chat.completions.create({ model, messages: [...ASK, message, result], tools })
      return [call.function.name, JSON.parse(call.function.arguments)]
    },
    unknown: () => sdk.chat.completions.create({ model: UNKNOWN, messages: ASK }),
    async leaves() {
      const stream = await sdk.chat.completions.create({ model, messages: ASK, stream: true })
      for await (const chunk of stream) if (chunk.choices[0].delta.content) break
      stream.controller.abort()
      return "left"
    },
  }
}

function anthropic() {
  const sdk = new Anthropic({ baseURL: url, apiKey: key, maxRetries: 0 })
  const asked = { model: "anthropic/claude-fake", max_tokens: 99 }
  const tools = [{ name: "weather", input_schema: SCHEMA }]
  return {
    async whole() {
      const answer = await sdk.messages.create({ ...asked, messages: ASK })
      return [answer.content[0].text, answer.usage.input_tokens + answer.usage.output_tokens]
    },
    async tools() {
      const { content } = await sdk.messages.create({ ...asked, messages: ASK, tools })
      const call = content.find((block) => block.type === "tool_use")
      const result = { type: "tool_result", tool_use_id: call.id, content: "sunny 晴" }
      const messages = [...ASK, { role: "assistant", content }, { role: "user", content: [result] }]
      await sdk.messages.create({ ...asked, messages, tools })
      return [call.name, call.input]
    },
    unknown: () => sdk.messages.create({ ...asked, model: UNKNOWN, messages: ASK }),
    async leaves() {
      const stream = sdk.messages.stream({ ...asked, messages: ASK })
      for await (const event of stream) if (event.type === "content_block_delta") break
      stream.abort()
      return "left"
    },
  }
}

const plays = { openai, anthropic }[vendor]()
for await (const line of createInterface({ input: process.stdin })) {
  const told = await plays[line.trim()]().catch((error) => [error.constructor.name, error.status])
  console.log(JSON.stringify(told))
}
