namespace Winnow.Contract.Prometheus.Tests;

/// <summary>A test that needs Prometheus' own checker; skipped, with the reason, where it is not installed.</summary>
internal sealed class PromtoolFactAttribute : FactAttribute
{
    public PromtoolFactAttribute()
    {
        string path = Environment.GetEnvironmentVariable("PATH") ?? "";
        if (!path.Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, "promtool"))))
        {
            Skip = "promtool is not on the PATH; install the package 'prometheus'.";
        }
    }
}
