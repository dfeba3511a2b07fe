using System.CommandLine;
using Winnow.Cli.Admin;

namespace Winnow.Cli.Commands;

/// <summary><c>winnow workers</c>: the workers of a running cluster.</summary>
internal static class WorkersCommand
{
    public static Command Create()
    {
        var command = new Command("workers", "Lists the workers of a running cluster, drains them, and takes that back.");
        command.Subcommands.Add(AdminFlags.CreateCommand("list", "Lists the workers: health, memory, device, and what they hold.",
            static (client, _, cancellation) => client.AskAsync(HttpMethod.Get, "workers", null, cancellation), AdminText.WriteWorkers));
        command.Subcommands.Add(CreateChange("drain", "Takes what a worker holds elsewhere, while it serves, and places nothing more on it."));
        command.Subcommands.Add(CreateChange("resume", "Takes a drain back: things may be placed on the worker again; what has moved stays where it is."));
        return command;
    }

    private static Command CreateChange(string name, string description)
    {
        Argument<string> id = new("id") { Description = "Id of the worker." };
        Command change = AdminFlags.CreateCommand(name, description,
            (client, parsed, cancellation) => client.AskAsync(HttpMethod.Post, $"workers/{Uri.EscapeDataString(parsed.GetValue(id)!)}/{name}", null, cancellation),
            AdminText.WriteWorker);
        change.Arguments.Add(id);
        return change;
    }
}
