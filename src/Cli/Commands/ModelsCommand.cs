using System.CommandLine;
using System.Text.Json.Nodes;
using Winnow.Cli.Admin;

namespace Winnow.Cli.Commands;

/// <summary><c>winnow models</c>: what a cluster serves, and changes of that while it runs.</summary>
internal static class ModelsCommand
{
    private const int MostReplicas = 64;
    private const int MostShards = 1024;

    public static Command Create()
    {
        var command = new Command("models", "Lists, loads, scales and unloads the models of a running cluster.");
        command.Subcommands.Add(AdminFlags.CreateCommand("list", "Lists the models, where their replicas are and how far.",
            static (client, _, cancellation) => client.AskAsync(HttpMethod.Get, "models", null, cancellation), AdminText.WriteModels));
        command.Subcommands.Add(CreateLoad());
        command.Subcommands.Add(CreateUnload());
        command.Subcommands.Add(CreateScale());
        return command;
    }

    private static Command CreateLoad()
    {
        Argument<string> name = Name();
        Option<string> model = new("--model") { Description = "GGUF file or Hugging Face folder, at this path on every machine.", Required = true };
        Option<string?> draft = new("--draft") { Description = "Its draft model." };
        Option<int?> shards = Shards();
        Option<int?> replicas = Replicas();
        Option<int?> context = CommandOptions.Integer("--context", "Longest sequence in tokens; the model's own by default.", 0, 1 << 24);
        Command command = AdminFlags.CreateCommand("load", "Loads a model, or defines it anew; it is placed on the workers there are.",
            (client, parsed, cancellation) =>
            {
                var body = new JsonObject { ["name"] = parsed.GetValue(name), ["model_path"] = Path.GetFullPath(parsed.GetValue(model)!) };
                Add(body, "draft_path", parsed.GetValue(draft) is { } path ? Path.GetFullPath(path) : null);
                Add(body, "shards", parsed.GetValue(shards));
                Add(body, "replicas", parsed.GetValue(replicas));
                Add(body, "context_tokens", parsed.GetValue(context));
                return client.AskAsync(HttpMethod.Post, "models", body, cancellation);
            },
            AdminText.WriteModel);
        command.Arguments.Add(name);
        foreach (Option option in new Option[] { model, draft, shards, replicas, context })
        {
            command.Options.Add(option);
        }
        return command;
    }

    private static Command CreateUnload()
    {
        Argument<string> name = Name();
        Option<bool> now = new("--now") { Description = "End its running requests too; without it they may finish." };
        Command command = AdminFlags.CreateCommand("unload", "Unloads a model: it takes no more requests, and its workers get their memory back.",
            (client, parsed, cancellation) => client.AskAsync(
                HttpMethod.Delete, $"models/{Uri.EscapeDataString(parsed.GetValue(name)!)}?running={(parsed.GetValue(now) ? "end" : "finish")}", null, cancellation),
            AdminText.WriteUnloading);
        command.Arguments.Add(name);
        command.Options.Add(now);
        return command;
    }

    private static Command CreateScale()
    {
        Argument<string> name = Name();
        Option<int?> shards = Shards();
        Option<int?> replicas = Replicas();
        Command command = AdminFlags.CreateCommand("scale", "Changes how many replicas a model has, or into how many shards it is cut, while it serves.",
            (client, parsed, cancellation) =>
            {
                var body = new JsonObject();
                Add(body, "shards", parsed.GetValue(shards));
                Add(body, "replicas", parsed.GetValue(replicas));
                return client.AskAsync(HttpMethod.Post, $"models/{Uri.EscapeDataString(parsed.GetValue(name)!)}/scale", body, cancellation);
            },
            AdminText.WriteModel);
        command.Arguments.Add(name);
        command.Options.Add(shards);
        command.Options.Add(replicas);
        return command;
    }

    private static Argument<string> Name() => new("name") { Description = "Name of the model." };

    private static Option<int?> Shards() => CommandOptions.Integer("--shards", "Pipeline shards.", 1, MostShards);

    private static Option<int?> Replicas() => CommandOptions.Integer("--replicas", "Running copies.", 1, MostReplicas);

    private static void Add(JsonObject body, string field, JsonNode? value)
    {
        if (value is not null)
        {
            body[field] = value;
        }
    }
}
