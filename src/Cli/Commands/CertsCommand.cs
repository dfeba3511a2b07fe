using System.CommandLine;
using Winnow.Hosting.Tls;

namespace Winnow.Cli.Commands;

/// <summary><c>winnow certs</c>: certificates for TLS between the processes of a cluster of one's own.</summary>
internal static class CertsCommand
{
    private const int DefaultDays = 365;
    private const int MaxDays = 3650;

    /// <summary>Names and addresses of this machine, the default of <c>--hosts</c>.</summary>
    public static IReadOnlyList<string> LocalHosts => ["localhost", "127.0.0.1", "::1"];

    public static Command Create()
    {
        Option<string> folder = new("--out") { Description = "Folder to write to.", Required = true };
        Option<string?> hosts = new("--hosts") { Description = "Host names and IP addresses that clients dial, separated by commas. Default: localhost,127.0.0.1,::1." };
        Option<int?> days = CommandOptions.Integer("--days", $"Days until they end. Default: {DefaultDays}.", 1, MaxDays);
        Option<bool> force = new("--force") { Description = "Replace files that are there." };
        var command = new Command("certs", "Makes a development authority and a certificate for each role, for TLS between processes.");
        foreach (Option option in new Option[] { folder, hosts, days, force })
        {
            command.Options.Add(option);
        }
        command.SetAction(parsed =>
        {
            string[]? named = parsed.GetValue(hosts)?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
            string directory = Path.GetFullPath(parsed.GetValue(folder)!);
            try
            {
                foreach (string file in DevelopmentCertificates.Write(
                    directory, named ?? LocalHosts, parsed.GetValue(days) ?? DefaultDays, TimeProvider.System.GetUtcNow(), parsed.GetValue(force)))
                {
                    Console.WriteLine(file);
                }
            }
            catch (ArgumentException error)
            {
                throw new CliException(error.Message.Split(" (Parameter", 2)[0], CliException.BadUsage);
            }
            return 0;
        });
        return command;
    }
}
