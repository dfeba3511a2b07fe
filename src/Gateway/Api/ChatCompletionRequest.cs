using System.Text.Json;
using System.Text.Json.Nodes;

namespace Winnow.Gateway.Api;

/// <summary>A checked body of <c>POST /v1/chat/completions</c>.</summary>
internal sealed record ChatCompletionRequest
{
    private static readonly string[] Roles = ["system", "developer", "user", "assistant"];

    /// <summary>Messages as the chat template sees them: objects with <c>role</c> and a string <c>content</c>.</summary>
    public required JsonArray Messages { get; init; }

    /// <summary>Most tokens to generate.</summary>
    public required TokenLimit MaxTokens { get; init; }

    /// <summary>Fields shared with the completions endpoint.</summary>
    public required SamplingFields Shared { get; init; }

    /// <summary>Reads and checks the body; <c>model</c> has been read already.</summary>
    public static ChatCompletionRequest Read(RequestFields fields, int vocabularySize)
    {
        fields.Refuse("tools", "tool_choice", "functions", "function_call", "audio", "prediction", "web_search_options", "reasoning_effort");
        fields.Accept(SamplingFields.WithoutEffect);
        SamplingFields shared = SamplingFields.Read(fields, vocabularySize);
        bool logprobs = fields.GetBoolean("logprobs", false);
        int? top = fields.GetInteger("top_logprobs", 0, 20);
        if (top is not null && !logprobs)
        {
            throw ApiException.Invalid("top_logprobs", "'top_logprobs' is only allowed when 'logprobs' is true.");
        }
        int? maxTokens = fields.GetInteger("max_tokens", 1, int.MaxValue);
        int? maxCompletionTokens = fields.GetInteger("max_completion_tokens", 1, int.MaxValue);
        var request = new ChatCompletionRequest
        {
            Messages = ReadMessages(fields),
            MaxTokens = maxCompletionTokens is null ? new TokenLimit("max_tokens", maxTokens) : new TokenLimit("max_completion_tokens", maxCompletionTokens),
            Shared = shared with { Sampling = shared.Sampling with { Logprobs = logprobs, TopLogprobs = top ?? 0 } },
        };
        fields.RefuseUnknown();
        return request;
    }

    private static JsonArray ReadMessages(RequestFields fields)
    {
        if (!fields.TryGet("messages", out JsonElement value))
        {
            throw ApiException.Invalid("messages", "'messages' is required and must be an array of messages.", "missing_required_parameter");
        }
        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() == 0)
        {
            throw fields.WrongType("messages", "an array with at least one message", value);
        }
        var messages = new JsonArray();
        int index = 0;
        foreach (JsonElement item in value.EnumerateArray())
        {
            messages.Add(ReadMessage(new RequestFields(item, $"messages[{index++}].")));
        }
        return messages;
    }

    private static JsonObject ReadMessage(RequestFields message)
    {
        string role = message.RequireString("role");
        if (Array.IndexOf(Roles, role) < 0)
        {
            throw ApiException.Invalid(message.Name("role"), $"'{message.Name("role")}' is '{role}'; it must be one of {string.Join(", ", Roles.Select(name => $"'{name}'"))}.");
        }
        message.Refuse("tool_calls", "tool_call_id", "function_call", "audio");
        message.Accept("refusal");
        var result = new JsonObject
        {
            ["role"] = role == "developer" ? "system" : role,
            ["content"] = ReadContent(message),
        };
        if (message.GetString("name") is { } name)
        {
            result["name"] = name;
        }
        message.RefuseUnknown();
        return result;
    }

    private static string ReadContent(RequestFields message)
    {
        if (!message.TryGet("content", out JsonElement content))
        {
            throw ApiException.Invalid(message.Name("content"), $"'{message.Name("content")}' is required.", "missing_required_parameter");
        }
        if (content.ValueKind == JsonValueKind.String)
        {
            return content.GetString()!;
        }
        if (content.ValueKind != JsonValueKind.Array)
        {
            throw message.WrongType("content", "a string or an array of text parts", content);
        }
        var text = new System.Text.StringBuilder();
        int index = 0;
        foreach (JsonElement item in content.EnumerateArray())
        {
            var part = new RequestFields(item, $"{message.Name("content")}[{index++}].");
            string type = part.RequireString("type");
            if (type != "text")
            {
                throw ApiException.Unsupported(part.Name("type"), $"Content of type '{type}' is not supported; use 'text'.");
            }
            text.Append(part.RequireString("text"));
        }
        return text.ToString();
    }
}
