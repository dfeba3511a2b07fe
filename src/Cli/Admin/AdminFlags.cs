using System.CommandLine;
using System.Text.Json.Nodes;
using Winnow.Cli.Commands;

namespace Winnow.Cli.Admin;

/// <summary>The flags of commands that ask a gateway's operator endpoints.</summary>
internal sealed class AdminFlags
{
    private const string KeyVariable = "WINNOW_API_KEY";

    private readonly Option<string> _gateway = new("--gateway")
    {
        Description = "Address of a gateway of the cluster.",
        DefaultValueFactory = _ => "http://127.0.0.1:8080",
    };

    private readonly Option<string?> _key = new("--key") { Description = $"Key of scope admin; better given as {KeyVariable}. None for a gateway on this machine without keys." };

    private readonly Option<bool> _json = CommandOptions.Json();

    /// <summary>Makes a command that asks for something and writes the answer.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="description">What it does.</param>
    /// <param name="ask">Asks.</param>
    /// <param name="write">Writes the answer for people.</param>
    public static Command CreateCommand(
        string name, string description, Func<AdminClient, ParseResult, CancellationToken, Task<JsonNode>> ask, Action<TextWriter, JsonNode> write)
    {
        var flags = new AdminFlags();
        var command = new Command(name, description);
        command.Options.Add(flags._gateway);
        command.Options.Add(flags._key);
        command.Options.Add(flags._json);
        command.SetAction(async (parsed, cancellation) =>
        {
            using AdminClient client = flags.Open(parsed);
            JsonNode answer = await ask(client, parsed, cancellation);
            if (parsed.GetValue(flags._json))
            {
                Console.Out.WriteLine(answer.ToJsonString());
            }
            else
            {
                write(Console.Out, answer);
            }
            return 0;
        });
        return command;
    }

    private AdminClient Open(ParseResult parsed)
    {
        string text = parsed.GetValue(_gateway)!;
        return Uri.TryCreate(text.TrimEnd('/') + "/", UriKind.Absolute, out Uri? address) && address.Scheme is "http" or "https"
            ? new AdminClient(address, parsed.GetValue(_key) ?? Environment.GetEnvironmentVariable(KeyVariable))
            : throw new CliException($"--gateway '{text}' is no address; write http://HOST:PORT.", CliException.BadUsage);
    }
}
