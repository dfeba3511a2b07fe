using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Winnow.Gateway;
using Winnow.GpuWorker;
using Winnow.Helm.Tests.Support;
using Winnow.Hosting;
using Winnow.Hosting.Tls;
using Winnow.Silo;
using Winnow.Tests.Common;

namespace Winnow.Helm.Tests;

/// <summary>What the chart renders is what the executables start with: their own validators read every settings file with the environment of its pod.</summary>
public sealed class SettingsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Presets => [.. Chart.Presets, "everything"];

    public SettingsTests()
    {
        // What the pods have mounted.
        DevelopmentCertificates.Write(_folder.File("certs"), ["localhost"], days: 1, TimeProvider.System.GetUtcNow(), overwrite: true);
        Directory.CreateDirectory(_folder.File("etc/winnow/tls"));
        Directory.CreateDirectory(_folder.File("etc/winnow/keys"));
        Directory.CreateDirectory(_folder.File("etc/winnow/database"));
        Directory.CreateDirectory(_folder.File("models"));
        File.Copy(_folder.File("certs/authority.pem"), _folder.File("etc/winnow/tls/ca.crt"));
        _folder.Write("etc/winnow/keys/keys.json", Encoding.UTF8.GetBytes("""{"keys": []}"""));
        _folder.Write("etc/winnow/database/connection-string", Encoding.UTF8.GetBytes("Host=db;Database=winnow"));
        foreach (string model in new[] { "small", "head", "exit", "stop" })
        {
            _folder.Write($"models/{model}.gguf", []);
        }
    }

    /// <inheritdoc />
    public void Dispose() => _folder.Dispose();

    [HelmTheory]
    [MemberData(nameof(Presets))]
    public void Validators_OfEveryRole_TakeWhatIsRendered(string preset)
    {
        Manifests manifests = preset == "everything" ? Chart.With(Chart.Everything) : Chart.Preset(preset);
        (string Name, JsonNode Pod)[] pods = [.. manifests.Pods.Where(pod => pod.Name != "demo-winnow-test")];

        Assert.All(pods, pod => Validate(manifests, pod.Name, pod.Pod.At("containers/0")));
        Assert.True(pods.Length >= 3);
    }

    [HelmFact]
    public void Validators_OfAWrongOption_RefuseIt()
    {
        Manifests manifests = Chart.With("config: {Silo: {DeadAfterMs: 7}}");

        OptionsValidationException error = Assert.Throws<OptionsValidationException>(
            () => Validate(manifests, "demo-winnow-silo", manifests.One("StatefulSet", "demo-winnow-silo").At("spec/template/spec/containers/silo")));

        Assert.Contains("Silo:DeadAfterMs '7' is out of range", error.Message, StringComparison.Ordinal);
    }

    private void Validate(Manifests manifests, string name, JsonNode container)
    {
        string role = container.Text("name");
        File.Copy(_folder.File($"certs/{role}.pem"), _folder.File("etc/winnow/tls/tls.crt"), overwrite: true);
        File.Copy(_folder.File($"certs/{role}-key.pem"), _folder.File("etc/winnow/tls/tls.key"), overwrite: true);
        string settings = manifests.One("ConfigMap", name).Text("data/winnow.json")
            .Replace("\"/etc/", $"\"{_folder.Root}/etc/", StringComparison.Ordinal).Replace("\"/models", $"\"{_folder.Root}/models", StringComparison.Ordinal);
        string file = _folder.Write($"{name}.json", Encoding.UTF8.GetBytes(settings));
        string[] arguments = ["--config", file, .. container.At("env").AsArray().Where(variable => variable!.Text("name").StartsWith("WINNOW_", StringComparison.Ordinal)).Select(variable => Flag(variable!)), .. WithoutDatabase(role)];

        WebApplicationBuilder builder = WinnowProcess.CreateBuilder(Role(role), arguments);
        Add(role, builder);
        using WebApplication app = builder.Build();

        app.Services.GetRequiredService<IStartupValidator>().Validate();
    }

    // Only the full build knows databases; that their options exist is what OptionTests asks.
    private static string[] WithoutDatabase(string role) => role switch
    {
        "gateway" => ["--Gateway:Clustering=static"],
        "silo" => ["--Silo:Clustering=single", "--Silo:Storage=file"],
        _ => [],
    };

    private static ProcessRole Role(string role) => role switch
    {
        "gateway" => GatewayRole.Definition,
        "silo" => SiloRole.Definition,
        "worker" => GpuWorkerRole.Definition,
        _ => throw new InvalidOperationException($"No executable has the role '{role}'."),
    };

    private static void Add(string role, WebApplicationBuilder builder)
    {
        switch (role)
        {
            case "gateway":
                builder.AddGateway();
                break;
            case "silo":
                builder.AddSilo();
                break;
            default:
                builder.AddGpuWorker();
                break;
        }
    }

    // The variable as Kubernetes gives it, as a flag of the same option.
    private static string Flag(JsonNode variable)
    {
        string option = variable.Text("name")["WINNOW_".Length..].Replace("__", ":", StringComparison.Ordinal);
        string value = variable.Find("value")?.GetValue<string>() ?? "from-a-secret-or-the-pod";
        return $"--{option}={value.Replace("$(POD_IP)", "10.1.2.3", StringComparison.Ordinal).Replace("$(DEMO_WINNOW_SILO_ENTRY_SERVICE_HOST)", "10.9.9.9", StringComparison.Ordinal)}";
    }
}
