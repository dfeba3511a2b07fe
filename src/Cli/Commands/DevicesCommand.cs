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
        var named = new Option<string?>("--device") { Description = "Only these, separated by commas; devices joined by '+', such as cuda:0+cuda:1, as the one worker that they make." };
        var command = new Command("devices", "Lists the devices that a worker can compute on, and measures how fast each moves memory.");
        command.Options.Add(named);
        command.Options.Add(json);
        command.SetAction(parsed =>
        {
            DeviceSelection[] devices = ModelOptions.ReadDevices("--device", parsed.GetValue(named));
            using var catalog = new DeviceCatalog();
            DevicesReport report = devices.Length == 0 ? DevicesReport.Measure(catalog, TimeProvider.System) : DevicesReport.Measure(catalog, devices, TimeProvider.System);
            report.Write(Console.Out, parsed.GetValue(json));
            return 0;
        });
        return command;
    }
}
