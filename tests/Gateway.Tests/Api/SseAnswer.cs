using System.Text;
using System.Text.Json;

namespace Winnow.Gateway.Tests.Api;

/// <summary>What a client made of a stream's events: the same for every way of cutting the tokens into events.</summary>
internal sealed class SseAnswer
{
    private readonly SortedDictionary<int, ChoiceParts> _choices = [];

    /// <summary>Ids in order.</summary>
    public List<string> Ids { get; } = [];

    /// <summary>Completion tokens of the usage, or -1.</summary>
    public int Usage { get; private set; } = -1;

    /// <summary>The last event was <c>[DONE]</c>.</summary>
    public bool IsDone { get; private set; }

    /// <summary>Code of the error event, if there was one.</summary>
    public string? Error { get; private set; }

    /// <summary>Everything but the ids.</summary>
    public string Summary => string.Join('\n', _choices.Select(choice => $"{choice.Key}: {choice.Value}")) + $"\nusage {Usage} done {IsDone}";

    /// <summary>Reads events and their ids, in order.</summary>
    /// <param name="text">A response's body.</param>
    public static IReadOnlyList<(string? Id, string Data)> Events(string text)
    {
        var events = new List<(string?, string)>();
        foreach (string item in text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries))
        {
            string[] lines = item.Split('\n');
            string? id = lines.FirstOrDefault(line => line.StartsWith("id: ", StringComparison.Ordinal))?[4..];
            events.Add((id, lines.Single(line => line.StartsWith("data: ", StringComparison.Ordinal))[6..]));
        }
        return events;
    }

    public SseAnswer Add(IEnumerable<(string? Id, string Data)> events)
    {
        foreach ((string? id, string data) in events)
        {
            Add(id, data);
        }
        return this;
    }

    private void Add(string? id, string data)
    {
        Assert.False(IsDone, "An event came after [DONE].");
        if (id is not null)
        {
            Ids.Add(id);
        }
        if (data == "[DONE]")
        {
            IsDone = true;
            return;
        }
        JsonElement body = JsonDocument.Parse(data).RootElement;
        if (body.TryGetProperty("error", out JsonElement error))
        {
            Error = error.GetProperty("code").GetString();
            return;
        }
        Usage = body.TryGetProperty("usage", out JsonElement usage) ? usage.GetProperty("completion_tokens").GetInt32() : Usage;
        foreach (JsonElement choice in body.GetProperty("choices").EnumerateArray())
        {
            int index = choice.GetProperty("index").GetInt32();
            if (!_choices.TryGetValue(index, out ChoiceParts? parts))
            {
                _choices[index] = parts = new ChoiceParts();
            }
            parts.Add(body, choice);
        }
    }

    private sealed class ChoiceParts
    {
        private readonly StringBuilder _text = new();
        private readonly StringBuilder _rest = new();

        public void Add(JsonElement body, JsonElement choice)
        {
            if (choice.TryGetProperty("delta", out JsonElement delta))
            {
                _text.Append(delta.TryGetProperty("content", out JsonElement content) ? content.GetString() : "");
                _rest.Append(delta.TryGetProperty("role", out JsonElement role) ? $"[{role.GetString()}]" : "");
            }
            else
            {
                _text.Append(choice.GetProperty("text").GetString());
            }
            foreach (string name in new[] { "prompt_token_ids", "token_ids" })
            {
                JsonElement owner = choice.TryGetProperty(name, out _) ? choice : body;
                if (owner.TryGetProperty(name, out JsonElement ids) && ids.ValueKind == JsonValueKind.Array)
                {
                    _rest.Append(name[0]).Append(string.Concat(ids.EnumerateArray().Select(token => $"<{token}>")));
                }
            }
            _rest.Replace(">t<", "><");
            if (choice.TryGetProperty("logprobs", out JsonElement logprobs) && logprobs.ValueKind == JsonValueKind.Object)
            {
                _logprobs.Append(logprobs.TryGetProperty("content", out JsonElement entries)
                    ? string.Concat(entries.EnumerateArray().Select(entry => entry.GetRawText()))
                    : string.Concat(logprobs.GetProperty("tokens").EnumerateArray().Zip(logprobs.GetProperty("text_offset").EnumerateArray(), (token, offset) => $"{token}@{offset} ")));
            }
            _rest.Append(choice.GetProperty("finish_reason").ValueKind == JsonValueKind.Null ? "" : $"[{choice.GetProperty("finish_reason")}]");
        }

        private readonly StringBuilder _logprobs = new();

        public override string ToString() => $"{_text} {_rest} {_logprobs}";
    }
}
