using System.ComponentModel;
using System.Diagnostics;
using Winnow.Tests.Common;

namespace Winnow.Helm.Tests.Support;

/// <summary>Prometheus' own judge of rules, from the Debian package <c>prometheus</c>.</summary>
internal static class Promtool
{
    private static readonly Lazy<string?> Reason = new(Find);

    /// <summary>Why it is not here, or null.</summary>
    public static string? WhyNot => Reason.Value;

    /// <summary>Runs it in the repository's root.</summary>
    public static (int ExitCode, string Output) Run(params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo("promtool", arguments) { WorkingDirectory = SharedFolder.RepositoryRoot, RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        string errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output.GetAwaiter().GetResult() + errors);
    }

    private static string? Find()
    {
        try
        {
            return Run("--version").ExitCode == 0 ? null : "'promtool --version' fails; install the package 'prometheus' to run these tests.";
        }
        catch (Win32Exception exception)
        {
            return $"'promtool' is not on the path; install the package 'prometheus' to run these tests: {exception.Message}";
        }
    }
}

/// <summary>A fact that needs promtool; it is skipped, with the reason, where it is not.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PromtoolFactAttribute : FactAttribute
{
    public PromtoolFactAttribute()
    {
        Skip = Promtool.WhyNot;
    }
}
