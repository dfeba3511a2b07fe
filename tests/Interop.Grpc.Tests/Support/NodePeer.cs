using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Winnow.Grpc.Tests.Interop.Support;

/// <summary>Runs the scripts in <c>node/</c>, and says why it cannot.</summary>
public static class NodePeer
{
    private static readonly string Folder = FindFolder();
    private static readonly Lazy<string?> Reason = new(Prepare);

    /// <summary>Why the scripts cannot run here, or null. The first call installs their packages when they are missing.</summary>
    public static string? WhyNot => Reason.Value;

    /// <summary>Starts a script.</summary>
    public static Process Start(string script, params string[] arguments)
    {
        var start = new ProcessStartInfo("node")
        {
            WorkingDirectory = Folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.ArgumentList.Add(script);
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        return Process.Start(start)!;
    }

    /// <summary>Makes the calls of one case against a server of ours.</summary>
    /// <returns>What the peer printed.</returns>
    public static async Task<JsonNode> CallAsync(string address, string name)
    {
        using Process process = Start("client.mjs", new Uri(address).Authority, name);
        using var patience = new CancellationTokenSource(Tests.Support.ProbeHost.Patience);
        try
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync(patience.Token);
            string errors = await process.StandardError.ReadToEndAsync(patience.Token);
            await process.WaitForExitAsync(patience.Token);
            Assert.True(process.ExitCode == 0, $"client.mjs {name}: exit code {process.ExitCode}. {errors}");
            return JsonNode.Parse(await output)!;
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill();
            }
        }
    }

    private static string? Prepare()
    {
        try
        {
            using Process probe = Start("--version");
            probe.WaitForExit();
        }
        catch (Win32Exception)
        {
            return "'node' is not on the path; install Node.js 18 or newer to run these tests.";
        }

        return Directory.Exists(Path.Combine(Folder, "node_modules")) ? null : Install();
    }

    private static string? Install()
    {
        try
        {
            using Process npm = Process.Start(new ProcessStartInfo("npm", ["ci", "--ignore-scripts"])
            {
                WorkingDirectory = Folder,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            Task<string> output = npm.StandardOutput.ReadToEndAsync();
            string errors = npm.StandardError.ReadToEnd();
            npm.WaitForExit();
            output.GetAwaiter().GetResult();
            return npm.ExitCode == 0 ? null : $"'npm ci' in tests/Interop.Grpc.Tests/node failed: {errors}";
        }
        catch (Win32Exception)
        {
            return "'npm' is not on the path; it installs the packages that these tests need.";
        }
    }

    private static string FindFolder()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Winnow.slnx")))
            {
                return Path.Combine(folder.FullName, "tests", "Interop.Grpc.Tests", "node");
            }
        }

        throw new InvalidOperationException("Winnow.slnx was not found above the test binary.");
    }
}
