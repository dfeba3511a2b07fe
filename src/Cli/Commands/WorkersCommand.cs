using System.CommandLine;
using Winnow.Cli.Admin;

namespace Winnow.Cli.Commands;

/// <summary><c>winnow workers</c>: the workers of a running cluster.</summary>
internal static class WorkersCommand
{
    public static Command Create()
    {
        var command = new Command("workers", "Lists the workers of a running cluster, and drains them.");
        command.Subcommands.Add(AdminFlags.CreateCommand("list", "Lists the workers: health, memory, device, and what they hold.",
            static (client, _, cancellation) => client.AskAsync(HttpMethod.Get, "workers", null, cancellation), AdminText.WriteWorkers));
        Argument<string> id = new("id") { Description = "Id of the worker." };
        Command drain = AdminFlags.CreateCommand("drain", "Takes what a worker holds elsewhere, while it serves, and places nothing more on it.",
            (client, parsed, cancellation) => client.AskAsync(HttpMethod.Post, $"workers/{Uri.EscapeDataString(parsed.GetValue(id)!)}/drain", null, cancellation),
            AdminText.WriteWorker);
        drain.Arguments.Add(id);
        command.Subcommands.Add(drain);
        return command;
    }
}
