using Microsoft.Extensions.Logging;

namespace Orleans.Runtime;

/// <summary>What the silo logs.</summary>
internal sealed partial class SiloLog(ILogger<SiloLog> logger)
{
    private readonly ILogger _logger = logger;

    [LoggerMessage(1, LogLevel.Error, "Grain {GrainId} could not be activated.")]
    internal partial void ActivationFailed(Exception exception, GrainId grainId);

    [LoggerMessage(2, LogLevel.Warning, "Grain {GrainId} threw while it was deactivated, or took too long.")]
    internal partial void DeactivationFailed(Exception exception, GrainId grainId);

    [LoggerMessage(3, LogLevel.Warning, "A timer tick of grain {GrainId} threw.")]
    internal partial void TickFailed(Exception exception, GrainId grainId);

    [LoggerMessage(4, LogLevel.Error, "{Operation} of state {StateName} of grain {GrainId} failed.")]
    internal partial void StorageFailed(Exception exception, string operation, string stateName, GrainId grainId);

    [LoggerMessage(5, LogLevel.Information, "Silo started, gateway port {GatewayPort}.")]
    internal partial void Started(int gatewayPort);

    [LoggerMessage(6, LogLevel.Information, "Silo stopped.")]
    internal partial void Stopped();

    [LoggerMessage(7, LogLevel.Information, "Client {Client} connected.")]
    internal partial void ClientConnected(string client);

    [LoggerMessage(8, LogLevel.Information, "Client {Client} disconnected.")]
    internal partial void ClientDisconnected(string client);

    [LoggerMessage(10, LogLevel.Warning, "The silo stops while grains are still busy.")]
    internal partial void StoppedEarly();

    [LoggerMessage(9, LogLevel.Warning, "Client {Client} sent what can not be read.")]
    internal partial void ClientRefused(Exception exception, string client);
}
