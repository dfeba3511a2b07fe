using System.CommandLine;
using Winnow.Cli.Output;
using Winnow.GpuWorker.Devices;

namespace Winnow.Cli.Commands;

/// <summary><c>winnow devices</c>: what a worker can compute on here.</summary>
internal static class DevicesCommand
{
    public static Command Create()
    {
        Option<bool> json = CommandOptions.Json();
        var command = new Command("devices", "Lists the devices that a worker can compute on, and measures how fast each moves memory.");
        command.Options.Add(json);
        command.SetAction(parsed =>
        {
            using var catalog = new DeviceCatalog();
            DevicesReport.Measure(catalog, TimeProvider.System).Write(Console.Out, parsed.GetValue(json));
            return 0;
        });
        return command;
    }
}
