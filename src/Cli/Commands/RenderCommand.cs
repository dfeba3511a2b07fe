using System.CommandLine;
using System.Text.Json;
using Winnow.Cli.Output;
using Winnow.Gateway.Serving;
using Winnow.Inference.Files;
using Winnow.Inference.Templates;
using Winnow.Inference.Tokenizers;

namespace Winnow.Cli.Commands;

/// <summary><c>winnow render</c>: a conversation through a chat template, as the API does it.</summary>
internal static class RenderCommand
{
    public static Command Create()
    {
        var model = new TokenizerOptions();
        Option<string> messages = new("--messages") { Description = "A JSON file: an array of objects with 'role' and 'content'.", Required = true };
        Option<string?> template = new("--template") { Description = "A file with a Jinja2 chat template. Default: the model's own." };
        Option<string?> tools = new("--tools") { Description = "A JSON file: an array of tools, as in OpenAI's API." };
        Option<bool> generation = new("--add-generation-prompt") { Description = "End with the beginning of the assistant's answer." };
        Option<bool> json = CommandOptions.Json();
        var command = new Command("render", "Renders a conversation through a chat template, exactly: nothing is added when stdout is a file or a pipe.");
        model.AddTo(command);
        foreach (Option option in new Option[] { messages, template, tools, generation, json })
        {
            command.Options.Add(option);
        }
        command.SetAction(parsed =>
        {
            JsonElement conversation = InputFile.ReadArray("--messages", parsed.GetValue(messages)!, "messages, objects with 'role' and 'content'");
            JsonElement? toolList = parsed.GetValue(tools) is { } toolsPath ? InputFile.ReadArray("--tools", toolsPath, "tools, objects with 'type' and 'function'") : null;
            using ModelFile file = model.OpenFile(parsed);
            ITokenizer tokenizer = TokenizerFactory.FromFile(file);
            ChatTemplate parsedTemplate = parsed.GetValue(template) is { } path ? ReadTemplate(path) : ChatTemplate.FromFile(file);
            ChatTemplateInput input = ChatPrompt.Input(tokenizer, conversation, TimeProvider.System.GetLocalNow()) with
            {
                Tools = toolList,
                AddGenerationPrompt = parsed.GetValue(generation),
            };
            var report = new ExactText { Text = parsedTemplate.Render(input) };
            report.Write(Console.Out, parsed.GetValue(json), !Console.IsOutputRedirected);
            return 0;
        });
        return command;
    }

    private static ChatTemplate ReadTemplate(string path)
    {
        string source = InputFile.ReadText("--template", path);
        try
        {
            return ChatTemplate.Parse(source);
        }
        catch (TemplateException error)
        {
            throw new CliException($"--template '{path}': {error.Message}", inner: error);
        }
    }
}
