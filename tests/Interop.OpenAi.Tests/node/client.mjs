// Uses the official OpenAI package against a Winnow gateway and prints what it got as one JSON object.
// Usage: node client.mjs BASE_URL MODEL
import OpenAI, { NotFoundError, BadRequestError } from "openai";

const [baseURL, model] = process.argv.slice(2);
const client = new OpenAI({ baseURL, apiKey: "unused", maxRetries: 0 });
const messages = [{ role: "user", content: "Tom has 3 bags with 4 apples each. How many apples does he have?" }];
const sampling = { model, seed: 11, temperature: 0.8 };
const result = {};

result.models = (await client.models.list()).data.map((entry) => entry.id);

const whole = await client.chat.completions.create({ ...sampling, messages, max_tokens: 32 });
result.chat = whole.choices[0].message.content;
result.finish = whole.choices[0].finish_reason;
result.usage = whole.usage;

let streamed = "";
let usage = null;
const stream = await client.chat.completions.create({
  ...sampling, messages, max_tokens: 32, stream: true, stream_options: { include_usage: true },
});
for await (const chunk of stream) {
  streamed += chunk.choices[0]?.delta?.content ?? "";
  usage = chunk.usage ?? usage;
}
result.streamed = streamed;
result.streamedUsage = usage;

const completion = await client.completions.create({ ...sampling, prompt: "There are 5 ", max_tokens: 8, logprobs: 2, n: 2 });
result.completions = completion.choices.map((choice) => choice.text);
result.logprobs = completion.choices[0].logprobs.token_logprobs.length;

let completed = "";
for await (const chunk of await client.completions.create({ ...sampling, prompt: "There are 5 ", max_tokens: 8, stream: true })) {
  completed += chunk.choices[0]?.text ?? "";
}
result.completionStreamed = completed;

const refusals = [
  ["not_found", NotFoundError, { ...sampling, model: "nope", messages }],
  ["bad_field", BadRequestError, { ...sampling, messages, temperature: -3 }],
  ["tools", BadRequestError, { ...sampling, messages, tools: [{ type: "function", function: { name: "f" } }] }],
];
result.errors = {};
for (const [name, kind, body] of refusals) {
  try {
    await client.chat.completions.create(body);
    result.errors[name] = "no error";
  } catch (error) {
    result.errors[name] = { expectedKind: error instanceof kind, status: error.status, param: error.param, code: error.code };
  }
}

const controller = new AbortController();
const endless = await client.chat.completions.create(
  { ...sampling, messages, max_tokens: 600, stream: true, ignore_eos: true }, { signal: controller.signal });
let seen = 0;
for await (const chunk of endless) {
  if (++seen === 3) {
    controller.abort();
    break;
  }
}
result.abortedAfter = seen;

console.log(JSON.stringify(result));
