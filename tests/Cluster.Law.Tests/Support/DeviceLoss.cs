using System.Globalization;

namespace Winnow.Cluster.Law.Tests.Support;

/// <summary>
/// Takes the devices of workers away while they run, as lite/ILGPU lets tests do: processes that are started while this lives look for a file named by their id.
/// </summary>
internal sealed class DeviceLoss : IDisposable
{
    private const string Variable = "LITE_ILGPU_LOST_DEVICES";
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("winnow-lost-");

    public DeviceLoss() => Environment.SetEnvironmentVariable(Variable, _folder.FullName);

    /// <summary>From now on every launch of a worker fails.</summary>
    public void Lose(int processId) => File.WriteAllBytes(Path.Combine(_folder.FullName, processId.ToString(CultureInfo.InvariantCulture)), []);

    /// <inheritdoc/>
    public void Dispose()
    {
        Environment.SetEnvironmentVariable(Variable, null);
        _folder.Delete(recursive: true);
    }
}
