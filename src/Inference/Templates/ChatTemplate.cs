using System.Text.Json;
using Winnow.Inference.Files;
using Winnow.Inference.Templates.Nodes;
using Winnow.Inference.Templates.Runtime;
using Winnow.Inference.Templates.Syntax;

namespace Winnow.Inference.Templates;

/// <summary>
/// A model's chat template, in Jinja2 as transformers sets it up. Values behave as in Python, but printing none gives nothing (as in
/// @huggingface/jinja). Templates are not trusted: nothing outside of their input can be reached, and <see cref="TemplateLimits"/> hold.
/// Immutable and safe for concurrent use.
/// </summary>
public sealed class ChatTemplate
{
    /// <summary>Where a GGUF file keeps its template.</summary>
    public const string MetadataKey = "tokenizer.chat_template";

    private readonly Block? _body;

    private ChatTemplate(string source, Block? body, TemplateException? error = null)
    {
        Source = source;
        _body = body;
        Error = error;
    }

    /// <summary>The template's text.</summary>
    public string Source { get; }

    /// <summary>Why the template of a model file cannot be rendered; null when it is well-formed.</summary>
    public TemplateException? Error { get; }

    /// <summary>Parses a template.</summary>
    /// <exception cref="TemplateException">It is not well-formed; the line and the reason are in the message.</exception>
    public static ChatTemplate Parse(string template)
    {
        ArgumentNullException.ThrowIfNull(template);
        return new ChatTemplate(template, TemplateParser.Parse(template));
    }

    /// <summary>
    /// Parses the template of a model file. One that is not well-formed is <see cref="Error"/> and refuses every conversation, so that the
    /// model can still continue plain prompts.
    /// </summary>
    /// <exception cref="ModelFileException">The file has none.</exception>
    public static ChatTemplate FromFile(ModelFile file)
    {
        if (!file.Metadata.TryGetString(MetadataKey, out string? template))
        {
            throw new ModelFileException(
                file.Path, $"metadata '{MetadataKey}'", "missing", "a chat template; send plain prompts to this model, or give a template of your own");
        }
        try
        {
            return Parse(template);
        }
        catch (TemplateException error)
        {
            return new ChatTemplate(template, body: null, error);
        }
    }

    /// <summary>Renders a conversation into the prompt.</summary>
    /// <param name="input">The conversation.</param>
    /// <param name="limits">What the template may use up.</param>
    /// <param name="cancellation">Checked while the template runs.</param>
    /// <exception cref="TemplateException">The template refuses the input, fails or uses up too much.</exception>
    public string Render(ChatTemplateInput input, TemplateLimits? limits = null, CancellationToken cancellation = default)
    {
        if (_body is null)
        {
            throw new TemplateException(Error!.Line, Error.Reason);
        }
        RenderContext context = new(new RenderBudget(limits ?? TemplateLimits.Default, cancellation), Variables(input));
        _body.Execute(context);
        return context.TakeOutput();
    }

    private static Scope Variables(ChatTemplateInput input)
    {
        Scope scope = new(Globals.Create(input.Now));
        scope.Set("messages", JsonValues.From(input.Messages));
        scope.Set("add_generation_prompt", input.AddGenerationPrompt);
        if (input.Tools is JsonElement tools)
        {
            scope.Set("tools", JsonValues.From(tools));
        }
        if (input.BosToken is not null)
        {
            scope.Set("bos_token", input.BosToken);
        }
        if (input.EosToken is not null)
        {
            scope.Set("eos_token", input.EosToken);
        }
        foreach ((string name, JsonElement value) in input.Variables)
        {
            scope.Set(name, JsonValues.From(value));
        }
        return scope;
    }
}
