using System.Diagnostics;
using System.Globalization;
using Grpc.Net.Client;
using Winnow.Grpc.Tests.Support;
using Winnow.Grpc.Tests.V1;

namespace Winnow.Grpc.Tests.Interop.Support;

/// <summary>The peer's server, one for all tests of a class, and a channel to it.</summary>
public sealed class NodeServer : IAsyncLifetime
{
    private Process? _process;
    private GrpcChannel? _channel;

    public Probe.ProbeClient Client { get; private set; } = null!;

    public string Address { get; private set; } = "";

    public async Task InitializeAsync()
    {
        if (NodePeer.WhyNot is not null)
        {
            return;
        }

        _process = NodePeer.Start("server.mjs");
        string port = await _process.StandardOutput.ReadLineAsync().InTimeAsync()
            ?? throw new InvalidOperationException($"server.mjs ended: {await _process.StandardError.ReadToEndAsync()}");
        Address = $"http://127.0.0.1:{int.Parse(port, CultureInfo.InvariantCulture)}";
        _channel = GrpcChannel.ForAddress(Address);
        Client = new Probe.ProbeClient(_channel);
    }

    public async Task DisposeAsync()
    {
        _channel?.Dispose();
        if (_process is null)
        {
            return;
        }

        _process.StandardInput.Close();
        try
        {
            await _process.WaitForExitAsync().InTimeAsync();
        }
        finally
        {
            _process.Kill();
            _process.Dispose();
        }
    }
}
