using System.Text.Json;
using System.Text.Json.Nodes;
using Winnow.Inference.Files;
using Winnow.Inference.Templates;
using Winnow.Inference.Tokenizers;

namespace Winnow.Gateway.Serving;

/// <summary>Token ids of a conversation.</summary>
public static class ChatPrompt
{
    /// <summary>Renders the messages through the model's template, up to where the assistant's answer begins, and encodes them.</summary>
    /// <param name="tokenizer">The model's tokeniser.</param>
    /// <param name="template">The model's chat template.</param>
    /// <param name="messages">Objects with <c>role</c> and <c>content</c>.</param>
    /// <param name="now">Time for templates that mention it.</param>
    /// <exception cref="TemplateException">The template refused the messages.</exception>
    public static int[] Encode(ITokenizer tokenizer, ChatTemplate template, JsonArray messages, DateTimeOffset now)
    {
        ChatTemplateInput input = Input(tokenizer, JsonSerializer.SerializeToElement(messages), now) with { AddGenerationPrompt = true };
        string text = template.Render(input);
        string begin = input.BosToken!;
        // A template that writes the begin token itself must not get a second one.
        bool begun = begin.Length > 0 && text.StartsWith(begin, StringComparison.Ordinal);
        return tokenizer.Encode(text, addSpecial: !begun, parseSpecial: true);
    }

    /// <summary>What a template gets to see of a conversation: the messages, the names of the model's begin and end tokens, and the time.</summary>
    /// <param name="tokenizer">The model's tokeniser.</param>
    /// <param name="messages">An array of objects with <c>role</c> and <c>content</c>.</param>
    /// <param name="now">Time for templates that mention it.</param>
    public static ChatTemplateInput Input(ITokenizer tokenizer, JsonElement messages, DateTimeOffset now) => new()
    {
        Messages = messages,
        BosToken = Text(tokenizer, tokenizer.BeginToken),
        EosToken = Text(tokenizer, tokenizer.EndToken),
        Now = now,
    };

    /// <summary>The chat template of a model file, or <see langword="null"/> when it has none.</summary>
    public static ChatTemplate? ReadTemplate(ModelFile file)
        => file.Metadata.Contains(ChatTemplate.MetadataKey) ? ChatTemplate.FromFile(file) : null;

    private static string Text(ITokenizer tokenizer, int? token) => token is { } id ? tokenizer.TokenText(id) : "";
}
